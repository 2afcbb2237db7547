/**
 * All fields of a record, each edited where it stands: click or Enter opens it, Enter keeps and goes on,
 * Esc drops. What is empty is folded away.
 */
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FieldView } from '../../components/fields/FieldView';
import { asIds, isEmpty } from '../../components/fields/values';
import { type AfterEdit, CellEditor } from '../../components/grid/CellEditor';
import { isEditableField } from '../../components/grid/GridRow';
import { useCatalog } from '../../data/catalog';
import { showError, updateRecord } from '../../data/writes';
import type { FieldDef, FieldValues, JsonValue, RecordView, Titles } from '../../transport/contract';
import { ReachButtons, type ReachKind } from './Reach';
import { useReadOnly } from './read-only';

interface FactsProps {
  record: RecordView;
  titles: Titles;
  /** Fields that the page shows elsewhere. */
  without?: readonly string[];
}

const REACHABLE: Partial<Record<FieldDef['type'], ReachKind>> = {
  phone: 'phone',
  email: 'email',
  url: 'url',
};

const same = (a: JsonValue | undefined, b: JsonValue | undefined) =>
  JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

export function Facts({ record, titles, without = [] }: FactsProps) {
  const { t } = useTranslation();
  const catalog = useCatalog();
  const entity = catalog.entity(record.entity);
  const readOnly = useReadOnly();
  const isOpen = (field: FieldDef) => !readOnly && isEditableField(field);
  const [editing, setEditing] = useState<string | null>(null);
  const [unfolded, setUnfolded] = useState(false);
  /** Kept values that the core has not told back yet. */
  const [kept, setKept] = useState<FieldValues>({});
  const list = useRef<HTMLDListElement>(null);
  const wantFocus = useRef<string | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: what the core tells replaces what was kept
  useEffect(() => setKept({}), [record]);
  useEffect(() => {
    if (!wantFocus.current) return;
    const key = wantFocus.current;
    wantFocus.current = null;
    list.current?.querySelector<HTMLElement>(`[data-fact="${CSS.escape(key)}"]`)?.focus();
  });

  const values = { ...record.fields, ...kept };
  const fields = entity.fields.filter((field) => !without.includes(field.key));
  const filled = fields.filter((field) => !isEmpty(values[field.key]) || field.key === editing);
  const empty = fields.filter((field) => !filled.includes(field) && isOpen(field));
  const shown = unfolded ? [...filled, ...empty] : filled;
  const order = entity.fields.map((field) => field.key);
  shown.sort((a, b) => order.indexOf(a.key) - order.indexOf(b.key));

  const keep = async (field: FieldDef, value: JsonValue, then: AfterEdit) => {
    const open = shown.filter(isOpen);
    const step = then === 'stay' ? 0 : then === 'up' || then === 'left' ? -1 : 1;
    setEditing(null);
    wantFocus.current = open[open.indexOf(field) + step]?.key ?? field.key;
    if (same(value, record.fields[field.key])) return;
    setKept((now) => ({ ...now, [field.key]: value }));
    try {
      await updateRecord(entity.key, record.id, { [field.key]: value }, record.title);
    } catch (thrown) {
      setKept(({ [field.key]: _, ...rest }) => rest);
      showError(thrown);
    }
  };

  return (
    <div className="record-facts">
      <dl ref={list} data-testid="facts">
        {shown.map((field) => {
          const value = values[field.key];
          const label = catalog.label(field.label);
          const reach = REACHABLE[field.type];
          return (
            <div key={field.key} className={`fact fact-${field.type}`}>
              <dt>{label}</dt>
              <dd data-testid={`fact-${field.key}`}>
                {editing === field.key && isOpen(field) ? (
                  <CellEditor
                    field={field}
                    value={value ?? null}
                    titles={titles}
                    context={{
                      customer: asIds(values.customer)[0] ?? null,
                      pipeline: asIds(values.pipeline)[0] ?? null,
                    }}
                    seed={undefined}
                    label={label}
                    onKeep={(next, then) => void keep(field, next, then)}
                    onDrop={() => {
                      setEditing(null);
                      wantFocus.current = field.key;
                    }}
                  />
                ) : (
                  <>
                    {isOpen(field) ? (
                      <button
                        type="button"
                        className="fact-value"
                        data-fact={field.key}
                        onClick={() => setEditing(field.key)}
                      >
                        <span className="sr-only">{t('customerPage.facts.edit', { field: label })}</span>
                        <Value field={field} value={value} titles={titles} />
                      </button>
                    ) : (
                      <span className="fact-value">
                        <Value field={field} value={value} titles={titles} />
                      </span>
                    )}
                    {reach && typeof value === 'string' && value ? (
                      <ReachButtons kind={reach} value={value} />
                    ) : null}
                  </>
                )}
              </dd>
            </div>
          );
        })}
      </dl>
      {empty.length ? (
        <button
          type="button"
          className="facts-fold"
          aria-expanded={unfolded}
          data-testid="facts-fold"
          onClick={() => setUnfolded(!unfolded)}
        >
          {unfolded
            ? t('customerPage.facts.hideEmpty')
            : t('customerPage.facts.showEmpty', { count: empty.length })}
        </button>
      ) : null}
    </div>
  );
}

function Value({ field, value, titles }: { field: FieldDef; value: JsonValue | undefined; titles: Titles }) {
  const { t } = useTranslation();
  if (isEmpty(value)) return <span className="fact-empty">{t('customerPage.facts.empty')}</span>;
  return <FieldView field={field} value={value} titles={titles} />;
}
