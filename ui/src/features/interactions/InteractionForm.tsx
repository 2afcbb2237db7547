/**
 * One visit, call or message in under thirty seconds: the summary has the focus, everything else is filled
 * in or one key away, and the next follow-up is part of it (R26).
 */
import { Button, Form, Input } from 'antd';
import { Fragment, type KeyboardEvent, type ReactNode, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldErrorText } from '../../components/feedback/error-text';
import { DateField, datesRead } from '../../components/fields/DateField';
import { FieldEditor } from '../../components/fields/FieldEditor';
import { ReferencePicker } from '../../components/fields/ReferencePicker';
import { spellInstant } from '../../components/fields/times';
import { asIds } from '../../components/fields/values';
import { Keys } from '../../components/Keys';
import { isComposing } from '../../components/keys';
import { useCatalog } from '../../data/catalog';
import { offerUndo, showError } from '../../data/writes';
import type { JsonValue } from '../../transport/contract';
import { call, TransportError } from '../../transport/transport';
import { cutTitle, type Draft, FOLLOW_UP, isChanged, ownFields, readDraft } from './draft';
import { FollowUp } from './FollowUp';
import { KindChoice } from './KindChoice';
import { People } from './People';
import type { LogRequest } from './panel';
import { useCustomerNames } from './use-customer-names';

interface InteractionFormProps {
  request: LogRequest;
  /** Moment that the form was opened: when it took place unless told otherwise. */
  now: number;
  onDirty(dirty: boolean): void;
  onCancel(): void;
  onSaved(id: string): void;
}

const KIND_LIST = 'interaction.kind';
/** Fields of the form in the order they stand in; those that people have added follow. */
const DRAWN = [
  'customer',
  'kind',
  'occurred_at',
  'summary',
  'next_step',
  FOLLOW_UP,
  'contacts',
  'opportunity',
];

export function InteractionForm({ request, now, onDirty, onCancel, onSaved }: InteractionFormProps) {
  const { t, i18n } = useTranslation();
  const catalog = useCatalog();
  const kinds = catalog.options(KIND_LIST).filter((option) => !option.archived);
  const entity = catalog.entity('interaction');
  const own = useMemo(() => ownFields(entity), [entity]);
  const [begun] = useState<Draft>(() => ({
    kind: kinds[0]?.id ?? null,
    occurred_at: now,
    customer: request.customer ?? null,
    contacts: request.contacts ?? [],
    opportunity: request.opportunity ?? null,
    summary: '',
    next_step: '',
    followUpAt: null,
    followUpTitle: '',
    own: {},
  }));
  const [draft, setDraft] = useState(begun);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [saving, setSaving] = useState(false);
  const latest = useRef(draft);
  const frame = useRef<HTMLDivElement>(null);
  const about = useCustomerNames(draft.customer);
  const titles = { ...request.titles, ...about.titles };
  const followUpDefault = cutTitle(
    draft.next_step.trim() || t('interactions.followUpDefault', { customer: about.name ?? '' }),
    catalog.field('reminder', 'title')?.max_length,
  );

  const set = (change: Partial<Draft>) => {
    latest.current = { ...latest.current, ...change };
    setDraft(latest.current);
    const keys = Object.keys(change).map((key) => (key.startsWith('followUp') ? FOLLOW_UP : key));
    setErrors((old) => Object.fromEntries(Object.entries(old).filter(([key]) => !keys.includes(key))));
    onDirty(isChanged(latest.current, begun));
  };
  const setOwn = (key: string, value: JsonValue) => {
    set({ own: { ...latest.current.own, [key]: value } });
    setErrors(({ [key]: _, ...rest }) => rest);
  };
  const drawn = [...DRAWN, ...own.map((field) => field.key)];

  const refuse = (found: Record<string, string>) => {
    setErrors(found);
    const first = drawn.find((key) => found[key]);
    if (first) frame.current?.querySelector<HTMLElement>(`#log-${first}`)?.focus();
  };

  const save = async () => {
    if (saving) return;
    setSaving(true);
    try {
      await datesRead();
      const read = readDraft(latest.current, own, followUpDefault);
      if ('errors' in read) {
        refuse(read.errors);
        return;
      }
      const { log } = read;
      const saved = await call('log_interaction', {
        ...log,
        ...(request.answers ? { answers: request.answers.id } : {}),
      });
      offerUndo(
        saved,
        log.follow_up
          ? t('interactions.savedWithFollowUp', {
              when: spellInstant(log.follow_up.due_at, true, i18n.language),
            })
          : t('interactions.saved'),
      );
      onSaved(saved.id);
    } catch (thrown) {
      const error = TransportError.from(thrown);
      if (error.errors.length) {
        refuse(Object.fromEntries(error.errors.map((one) => [one.field, fieldErrorText(one)])));
      } else showError(thrown);
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

  const item = (key: string, label: string, children: ReactNode, required = false) => (
    <Form.Item
      label={label}
      htmlFor={`log-${key}`}
      required={required}
      help={errors[key]}
      validateStatus={errors[key] ? 'error' : ''}
      className={`log-${key}`}
    >
      {children}
    </Form.Item>
  );

  // What the core refuses about a field that is not drawn here must not keep the button dead without a word.
  const elsewhere = Object.entries(errors).filter(([key]) => !drawn.includes(key));
  const labelOf = (key: string) => {
    const field = catalog.field('interaction', key) ?? catalog.field('reminder', key);
    return field ? catalog.label(field.label) : key;
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: hears the keys of the fields inside it
    <div ref={frame} className="record-form" onKeyDown={keyDown} role="presentation">
      {request.answers ? (
        <p className="log-answers">{t('interactions.answers', { title: request.answers.title })}</p>
      ) : null}
      <Form layout="vertical" component="div" className="log-form">
        {request.customer
          ? null
          : item(
              'customer',
              t('interactions.customer'),
              <ReferencePicker
                id="log-customer"
                target="customer"
                value={draft.customer}
                titles={titles}
                autoFocus
                status={errors.customer ? 'error' : ''}
                data-testid="log-customer"
                // People and deals of another customer do not fit any more.
                onChange={(value) =>
                  set({ customer: asIds(value)[0] ?? null, contacts: [], opportunity: null })
                }
              />,
              true,
            )}
        {item(
          'kind',
          t('interactions.kind'),
          <KindChoice id="log-kind" kinds={kinds} value={draft.kind} onChange={(kind) => set({ kind })} />,
          true,
        )}
        {item(
          'occurred_at',
          t('interactions.time'),
          <DateField
            id="log-occurred_at"
            withTime
            value={draft.occurred_at}
            status={errors.occurred_at ? 'error' : ''}
            data-testid="log-time"
            onChange={(occurred_at) => set({ occurred_at })}
          />,
          true,
        )}
        {item(
          'summary',
          t('interactions.summary'),
          <Input.TextArea
            id="log-summary"
            value={draft.summary}
            autoFocus={Boolean(request.customer)}
            rows={4}
            className="grows"
            placeholder={t('interactions.summaryHint')}
            data-testid="log-summary"
            onChange={(event) => set({ summary: event.target.value })}
          />,
          true,
        )}
        {item(
          'next_step',
          t('interactions.nextStep'),
          <Input
            id="log-next_step"
            value={draft.next_step}
            maxLength={500}
            autoComplete="off"
            placeholder={t('interactions.nextStepHint')}
            data-testid="log-next-step"
            onChange={(event) => set({ next_step: event.target.value })}
          />,
        )}
        {item(
          FOLLOW_UP,
          t('interactions.followUp'),
          <FollowUp
            id={`log-${FOLLOW_UP}`}
            at={draft.followUpAt}
            title={draft.followUpTitle}
            titleHint={followUpDefault}
            status={errors[FOLLOW_UP] ? 'error' : ''}
            onAt={(at) => set({ followUpAt: at })}
            onTitle={(followUpTitle) => set({ followUpTitle })}
          />,
        )}
        {item(
          'contacts',
          t('interactions.people'),
          <People
            id="log-contacts"
            people={about.contacts}
            customer={draft.customer}
            value={draft.contacts}
            titles={titles}
            onChange={(contacts) => set({ contacts })}
          />,
        )}
        {item(
          'opportunity',
          t('interactions.opportunity'),
          <ReferencePicker
            id="log-opportunity"
            target="opportunity"
            value={draft.opportunity}
            titles={titles}
            context={{ customer: draft.customer }}
            data-testid="log-opportunity"
            onChange={(value) => set({ opportunity: asIds(value)[0] ?? null })}
          />,
        )}
        {own.map((field) => (
          <Fragment key={field.key}>
            {item(
              field.key,
              catalog.label(field.label),
              <FieldEditor
                id={`log-${field.key}`}
                field={field}
                value={draft.own[field.key]}
                titles={titles}
                context={{ customer: draft.customer }}
                status={errors[field.key] ? 'error' : ''}
                data-testid={`log-${field.key}`}
                onChange={(value) => setOwn(field.key, value)}
              />,
              field.required,
            )}
          </Fragment>
        ))}
      </Form>
      {elsewhere.length ? (
        <div role="alert" className="log-elsewhere" data-testid="log-elsewhere">
          {elsewhere.map(([key, text]) => (
            <p key={key}>{t('interactions.refused', { field: labelOf(key), reason: text })}</p>
          ))}
        </div>
      ) : null}
      <div className="record-form-foot">
        <span className="soft">
          <Keys keys="Ctrl+Enter" />
        </span>
        <Button onClick={onCancel}>{t('common.cancel')}</Button>
        <Button type="primary" loading={saving} onClick={() => void save()} data-testid="log-save">
          {t('interactions.save')}
        </Button>
      </div>
    </div>
  );
}
