/**
 * The form of any record, drawn from its `FieldDef`s. Checks are the core's: what it refuses stands at
 * its field. While a new name or phone is typed, likely duplicates are shown with a way to open them.
 */
import { useQuery } from '@tanstack/react-query';
import { Button, Drawer, Form } from 'antd';
import { Fragment, type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { openRecord } from '../../app/open';
import { type FormRequest, usePanels } from '../../app/panels';
import { useUnsaved } from '../../app/unsaved';
import { useCatalog } from '../../data/catalog';
import { useStatus } from '../../data/status';
import { addRecord, showError, updateRecord } from '../../data/writes';
import type { EntityDef, FieldDef, FieldValues, JsonValue, Titles } from '../../transport/contract';
import { call, TransportError } from '../../transport/transport';
import { ErrorBlock } from '../feedback/ErrorBlock';
import { codeText, fieldErrorText } from '../feedback/error-text';
import { datesRead } from '../fields/DateField';
import { FieldEditor } from '../fields/FieldEditor';
import { asIds, isEmpty, unreadable } from '../fields/values';
import { isComposing } from '../keys';
import { Duplicates } from './Duplicates';
import { leaving } from './leaving';
import { useDraft } from './use-draft';

/** Set by what one does with a record (完成, 完成并记录), not by filling in a form. */
const BY_DEEDS = new Set(['reminder.done_at', 'reminder.interaction', 'reminder.outcome']);
const WIDE = new Set(['long_text', 'many_reference', 'multi_choice']);

export function RecordFormDrawer() {
  const request = usePanels((state) => state.form);
  return request ? <OpenForm key={`${request.entity} ${request.id ?? ''}`} request={request} /> : null;
}

function OpenForm({ request }: { request: FormRequest }) {
  const { entity, id } = request;
  const loaded = useQuery({
    queryKey: ['record', entity, id],
    queryFn: () => call('get', { entity, id: id ?? '' }),
    enabled: id !== undefined,
    // What was read for another place may be old: an edit begins with what the record says now.
    refetchOnMount: 'always',
    meta: { entities: [entity], ...(id ? { record: id } : {}) },
  });
  const { t } = useTranslation();
  const catalog = useCatalog();
  const close = usePanels((state) => state.closeForm);
  const [dirty, setDirty] = useState(false);
  const leave = leaving(dirty, close);
  useUnsaved('record', dirty);
  const [begun, setBegun] = useState(id === undefined);
  if (!begun && loaded.isFetchedAfterMount && loaded.isSuccess) setBegun(true);
  const def = catalog.entity(entity);
  const label = catalog.label(def.label);

  return (
    <Drawer
      open
      size={640}
      title={t(id ? 'common.editRecord' : 'common.newRecord', { entity: label })}
      onClose={() => void leave()}
      maskClosable={false}
      data-testid="record-form"
      classNames={{ body: 'record-form-body' }}
      keyboard
    >
      {loaded.error ? <ErrorBlock error={loaded.error} onRetry={() => void loaded.refetch()} /> : null}
      {!begun ? null : (
        <RecordForm
          entity={def}
          {...(id ? { id } : {})}
          initial={loaded.data?.fields ?? request.preset ?? {}}
          titles={loaded.data?.titles ?? request.titles ?? {}}
          onDirty={setDirty}
          onCancel={() => void leave()}
          onOpenInstead={(otherEntity, other) => void leave(() => openRecord(otherEntity, other))}
          onSaved={(saved) => {
            close();
            request.onSaved?.(saved);
          }}
        />
      )}
    </Drawer>
  );
}

interface RecordFormProps {
  entity: EntityDef;
  id?: string;
  initial: FieldValues;
  titles: Titles;
  onDirty?(dirty: boolean): void;
  onCancel(): void;
  /** Leaves the form for a record that may be the same one. */
  onOpenInstead(entity: string, id: string): void;
  onSaved(id: string): void;
}

/** Values that a new record begins with: its owner is who makes it, a new deal stands at its first stage. */
function useBeginning(entity: EntityDef, preset: FieldValues, isNew: boolean): FieldValues {
  const catalog = useCatalog();
  const me = useStatus().data?.user?.id;
  return useMemo(() => {
    if (!isNew) return preset;
    const begin: FieldValues = {};
    const has = (key: string) => entity.fields.some((field) => field.key === key);
    if (me && has('owner')) begin.owner = me;
    if (entity.key === 'opportunity') {
      const pipeline = catalog.pipelines.find((one) => one.id === preset.pipeline) ?? catalog.pipelines[0];
      begin.pipeline = pipeline?.id ?? null;
      begin.stage = pipeline?.stages[0]?.id ?? null;
      begin.probability = pipeline?.stages[0]?.probability ?? null;
    }
    return { ...begin, ...preset };
  }, [entity, preset, isNew, catalog, me]);
}

export function RecordForm({
  entity,
  id,
  initial: given,
  titles,
  onDirty,
  onCancel,
  onOpenInstead,
  onSaved,
}: RecordFormProps) {
  const { t } = useTranslation();
  const catalog = useCatalog();
  const initial = useBeginning(entity, given, id === undefined);
  const { draft, latest, change } = useDraft(initial);
  const { values } = draft;
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [saving, setSaving] = useState(false);
  const form = useRef<HTMLDivElement>(null);

  const fields = useMemo(
    () =>
      entity.fields.filter(
        (field) =>
          !field.read_only && field.type !== 'auto_number' && !BY_DEEDS.has(`${entity.key}.${field.key}`),
      ),
    [entity],
  );
  const isDirty = draft.touched.size > 0;
  useEffect(() => onDirty?.(isDirty), [isDirty, onDirty]);

  const set = (field: FieldDef, value: JsonValue) => {
    const now = latest.current.values;
    const edit: FieldValues = { [field.key]: value };
    if (field.key === 'pipeline')
      edit.stage = catalog.pipelines.find((p) => p.id === value)?.stages[0]?.id ?? null;
    if (field.key === 'stage' || field.key === 'pipeline') {
      const probability = typeof edit.stage === 'string' ? catalog.stage(edit.stage)?.probability : undefined;
      if (probability !== undefined && 'probability' in now) edit.probability = probability;
    }
    if (field.key === 'customer') {
      // People and deals of another customer do not fit any more.
      for (const key of ['contact', 'contacts', 'opportunity']) if (key in now) edit[key] = null;
    }
    change(edit);
    setErrors(({ [field.key]: _, ...rest }) => rest);
  };

  const showErrors = (thrown: unknown) => {
    const error = TransportError.from(thrown);
    if (!error.errors.length && !error.field) {
      showError(thrown);
      return;
    }
    const found = error.errors.length
      ? error.errors.map((one): [string, string] => [one.field, fieldErrorText(one)])
      : [[error.field ?? '', codeText(error.code, error.params)] as [string, string]];
    setErrors(Object.fromEntries(found));
    const first = fields.find((field) => found.some(([key]) => key === field.key));
    if (first) form.current?.querySelector<HTMLElement>(`#field-${CSS.escape(first.key)}`)?.focus();
    else showError(thrown);
  };

  const save = async () => {
    if (saving) return;
    setSaving(true);
    try {
      await datesRead();
      const { values: now, touched } = latest.current;
      const wrong = fields.flatMap((field) => {
        const missing = field.required && isEmpty(now[field.key]);
        const code = missing ? 'required' : unreadable(field, now[field.key]);
        return code ? [{ field: field.key, code, params: {} }] : [];
      });
      if (wrong.length) throw new TransportError('invalid', {}, null, wrong);
      const title = String(now[entity.title] ?? '') || t('common.unnamed');
      if (id) {
        const edits = fields.filter((field) => touched.has(field.key));
        if (edits.length) {
          await updateRecord(
            entity.key,
            id,
            Object.fromEntries(edits.map((f) => [f.key, now[f.key] ?? null])),
            title,
          );
        }
        onSaved(id);
      } else {
        const filled = Object.fromEntries(Object.entries(now).filter(([, value]) => !isEmpty(value)));
        onSaved((await addRecord(entity.key, filled, title)).id);
      }
    } catch (thrown) {
      showErrors(thrown);
    } finally {
      setSaving(false);
    }
  };

  const keyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void save();
    }
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Ctrl+Enter is heard from every field of the form
    <div ref={form} onKeyDown={keyDown} className="record-form">
      <Form layout="vertical" component="div" requiredMark>
        <div className="record-form-fields">
          {fields.map((field, n) => (
            <Fragment key={field.key}>
              <Form.Item
                label={catalog.label(field.label)}
                htmlFor={`field-${field.key}`}
                required={field.required}
                className={WIDE.has(field.type) || n === 0 ? 'wide' : ''}
                help={errors[field.key]}
                validateStatus={errors[field.key] ? 'error' : ''}
              >
                <FieldEditor
                  id={`field-${field.key}`}
                  field={field}
                  value={values[field.key]}
                  titles={titles}
                  context={{
                    customer: asIds(values.customer)[0] ?? null,
                    pipeline: asIds(values.pipeline)[0] ?? null,
                  }}
                  autoFocus={n === 0 && id === undefined}
                  status={errors[field.key] ? 'error' : ''}
                  data-testid={`field-${field.key}`}
                  onChange={(value) => set(field, value)}
                />
              </Form.Item>
              {n === 0 ? (
                <Duplicates
                  entity={entity}
                  values={values}
                  onOpen={onOpenInstead}
                  {...(id ? { except: id } : {})}
                />
              ) : null}
            </Fragment>
          ))}
        </div>
      </Form>
      <div className="record-form-foot">
        <span className="soft">{t('fields.saveHint')}</span>
        <Button onClick={onCancel}>{t('common.cancel')}</Button>
        <Button type="primary" loading={saving} onClick={() => void save()} data-testid="form-save">
          {t('common.save')}
        </Button>
      </div>
    </div>
  );
}
