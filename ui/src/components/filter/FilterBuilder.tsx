/** Builds a filter from conditions joined by AND or OR, with groups one level down. */
import { CloseOutlined, FilterOutlined, PlusOutlined } from '@ant-design/icons';
import { Badge, Button, Popover, Segmented, Select } from 'antd';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCatalog } from '../../data/catalog';
import type { Condition, EntityDef, FieldDef, Filter, JsonValue, Titles } from '../../transport/contract';
import { codeText } from '../feedback/error-text';
import { datesRead } from '../fields/DateField';
import { FieldEditor } from '../fields/FieldEditor';
import { listFields } from '../fields/system-fields';
import { useTestName } from './FilterChips';
import {
  asPair,
  begin,
  chipsOf,
  type Draft,
  isGroup,
  takesMany,
  takesValue,
  testsOf,
  toDraft,
  toFilter,
  unreadableIn,
} from './filters';

interface FilterBuilderProps {
  entity: EntityDef;
  filter: Filter | undefined;
  onFilter(filter: Filter | undefined): void;
  titles: Titles;
}

export function FilterButton(props: FilterBuilderProps) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      trigger="click"
      placement="bottomLeft"
      destroyOnHidden
      content={<FilterBuilder {...props} onDone={() => setOpen(false)} />}
    >
      <Badge count={chipsOf(props.filter).length} size="small">
        <Button icon={<FilterOutlined />} data-testid="filter-open">
          {t('filter.title')}
        </Button>
      </Badge>
    </Popover>
  );
}

function FilterBuilder({
  entity,
  filter,
  onFilter,
  titles,
  onDone,
}: FilterBuilderProps & { onDone(): void }) {
  const { t } = useTranslation();
  const catalog = useCatalog();
  const fields = listFields(entity);
  const first = fields[0];
  const [draft, setDraft] = useState<Draft>(() => {
    const now = toDraft(filter);
    return now.parts.length || !first ? now : { join: 'all', parts: [begin(first)] };
  });
  const [problem, setProblem] = useState<string | null>(null);
  // What a date field has understood by the time that its reading is awaited.
  const latest = useRef(draft);
  const set = (next: Draft) => {
    latest.current = next;
    setDraft(next);
    setProblem(null);
  };
  const apply = async () => {
    await datesRead();
    const wrong = unreadableIn(latest.current, fields);
    if (wrong) {
      setProblem(`${catalog.label(wrong.field.label)}: ${codeText(wrong.code)}`);
      return;
    }
    onFilter(toFilter(latest.current));
    onDone();
  };
  if (!first) return null;
  return (
    <div className="filter-builder" data-testid="filter-builder" role="dialog" aria-label={t('filter.title')}>
      <Group draft={draft} onDraft={set} fields={fields} titles={titles} nested={false} />
      {problem ? (
        <p className="filter-problem" role="alert">
          {problem}
        </p>
      ) : null}
      <div className="filter-foot">
        <Button
          type="text"
          onClick={() => {
            onFilter(undefined);
            onDone();
          }}
        >
          {t('filter.clear')}
        </Button>
        <Button type="primary" data-testid="filter-apply" onClick={() => void apply()}>
          {t('filter.apply')}
        </Button>
      </div>
    </div>
  );
}

interface GroupProps {
  draft: Draft;
  onDraft(draft: Draft): void;
  fields: FieldDef[];
  titles: Titles;
  nested: boolean;
}

function Group({ draft, onDraft, fields, titles, nested }: GroupProps) {
  const { t } = useTranslation();
  const first = fields[0] as FieldDef;
  const put = (at: number, part: Condition | Draft | null) =>
    onDraft({ ...draft, parts: draft.parts.flatMap((old, n) => (n !== at ? [old] : part ? [part] : [])) });
  return (
    <div className={nested ? 'filter-group nested' : 'filter-group'}>
      <Segmented<'all' | 'any'>
        size="small"
        value={draft.join}
        options={[
          { value: 'all', label: t('filter.all') },
          { value: 'any', label: t('filter.any') },
        ]}
        onChange={(join) => onDraft({ ...draft, join })}
      />
      {draft.parts.map((part, at) =>
        isGroup(part) ? (
          <div key={at} className="filter-nest">
            <Group draft={part} onDraft={(next) => put(at, next)} fields={fields} titles={titles} nested />
            <Button
              type="text"
              icon={<CloseOutlined />}
              aria-label={t('filter.remove')}
              onClick={() => put(at, null)}
            />
          </div>
        ) : (
          <ConditionRow
            key={at}
            condition={part}
            fields={fields}
            titles={titles}
            onCondition={(next) => put(at, next)}
          />
        ),
      )}
      <div className="filter-add">
        <Button
          type="link"
          size="small"
          icon={<PlusOutlined />}
          onClick={() => onDraft({ ...draft, parts: [...draft.parts, begin(first)] })}
          data-testid="filter-add"
        >
          {t('filter.add')}
        </Button>
        {nested ? null : (
          <Button
            type="link"
            size="small"
            icon={<PlusOutlined />}
            onClick={() =>
              onDraft({ ...draft, parts: [...draft.parts, { join: 'any', parts: [begin(first)] }] })
            }
          >
            {t('filter.addGroup')}
          </Button>
        )}
      </div>
    </div>
  );
}

interface ConditionRowProps {
  condition: Condition;
  fields: FieldDef[];
  titles: Titles;
  onCondition(condition: Condition | null): void;
}

function ConditionRow({ condition, fields, titles, onCondition }: ConditionRowProps) {
  const { t } = useTranslation();
  const catalog = useCatalog();
  const testName = useTestName();
  const field = fields.find((one) => one.key === condition.field) ?? fields[0];
  if (!field) return null;
  return (
    <div className="filter-row">
      <Select
        className="filter-field"
        value={field.key}
        aria-label={t('filter.field')}
        showSearch={{ optionFilterProp: 'label' }}
        options={fields.map((one) => ({ value: one.key, label: catalog.label(one.label) }))}
        onChange={(key: string) => {
          const chosen = fields.find((one) => one.key === key);
          if (chosen) onCondition(begin(chosen));
        }}
      />
      <Select
        className="filter-test"
        value={condition.test}
        aria-label={t('filter.test')}
        options={testsOf(field).map((test) => ({ value: test, label: testName(field, test) }))}
        onChange={(test) =>
          onCondition({
            ...condition,
            test,
            value: takesValue(test) && test !== 'between' ? condition.value : null,
          })
        }
      />
      <div className="filter-value">
        <ConditionValue
          field={field}
          condition={condition}
          titles={titles}
          onValue={(value) => onCondition({ ...condition, value })}
        />
      </div>
      <Button
        type="text"
        icon={<CloseOutlined />}
        aria-label={t('filter.remove')}
        onClick={() => onCondition(null)}
      />
    </div>
  );
}

interface ConditionValueProps {
  field: FieldDef;
  condition: Condition;
  titles: Titles;
  onValue(value: JsonValue): void;
}

function ConditionValue({ field, condition, titles, onValue }: ConditionValueProps) {
  const { t } = useTranslation();
  const { test, value } = condition;
  if (!takesValue(test)) return null;
  if (test === 'between') {
    const [from, to] = asPair(value);
    return (
      <>
        <FieldEditor
          field={field}
          value={from}
          aria-label={t('filter.from')}
          onChange={(next) => onValue([next, to])}
        />
        <FieldEditor
          field={field}
          value={to}
          aria-label={t('filter.to')}
          onChange={(next) => onValue([from, next])}
        />
      </>
    );
  }
  // Several values are chosen with the editor of a field that holds several.
  const editor: FieldDef = !takesMany(test)
    ? field
    : field.type === 'choice'
      ? { ...field, type: 'multi_choice' }
      : field.type === 'reference'
        ? { ...field, type: 'many_reference' }
        : field;
  return (
    <FieldEditor
      field={editor}
      value={value}
      titles={titles}
      aria-label={t('filter.value')}
      data-testid="filter-value"
      onChange={onValue}
    />
  );
}
