/**
 * One visit, call or message in under thirty seconds: the summary has the focus, everything else is filled
 * in or one key away, and the next follow-up is part of it (R26).
 */
import { Button, Form, Input } from 'antd';
import { type KeyboardEvent, type ReactNode, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { codeText, fieldErrorText } from '../../components/feedback/error-text';
import { DateField, datesRead } from '../../components/fields/DateField';
import { ReferencePicker } from '../../components/fields/ReferencePicker';
import { spellInstant } from '../../components/fields/times';
import { asIds, isEmpty } from '../../components/fields/values';
import { Keys } from '../../components/Keys';
import { isComposing } from '../../components/keys';
import { useCatalog } from '../../data/catalog';
import { offerUndo, showError } from '../../data/writes';
import type { FieldValues, JsonValue, LogInteraction } from '../../transport/contract';
import { call, TransportError } from '../../transport/transport';
import { FollowUp } from './FollowUp';
import { KindChoice } from './KindChoice';
import { People } from './People';
import type { LogRequest } from './panel';
import { useCustomerNames } from './use-customer-names';

interface Draft {
  kind: string | null;
  occurred_at: JsonValue;
  customer: string | null;
  contacts: string[];
  opportunity: string | null;
  summary: string;
  next_step: string;
  followUpAt: JsonValue;
  followUpTitle: string;
}

interface InteractionFormProps {
  request: LogRequest;
  /** Moment that the form was opened: when it took place unless told otherwise. */
  now: number;
  onDirty(dirty: boolean): void;
  onCancel(): void;
  onSaved(id: string): void;
}

const KIND_LIST = 'interaction.kind';
const FOLLOW_UP = 'follow_up';

export function InteractionForm({ request, now, onDirty, onCancel, onSaved }: InteractionFormProps) {
  const { t, i18n } = useTranslation();
  const catalog = useCatalog();
  const kinds = catalog.options(KIND_LIST).filter((option) => !option.archived);
  const [draft, setDraft] = useState<Draft>(() => ({
    kind: kinds[0]?.id ?? null,
    occurred_at: now,
    customer: request.customer ?? null,
    contacts: request.contacts ?? [],
    opportunity: request.opportunity ?? null,
    summary: '',
    next_step: '',
    followUpAt: null,
    followUpTitle: '',
  }));
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [saving, setSaving] = useState(false);
  const latest = useRef(draft);
  const frame = useRef<HTMLDivElement>(null);
  const about = useCustomerNames(draft.customer);
  const titles = { ...request.titles, ...about.titles };
  const followUpDefault =
    draft.next_step.trim() || t('interactions.followUpDefault', { customer: about.name ?? '' });

  const set = (change: Partial<Draft>) => {
    latest.current = { ...latest.current, ...change };
    setDraft(latest.current);
    const keys = Object.keys(change).map((key) => (key.startsWith('followUp') ? FOLLOW_UP : key));
    setErrors((old) => Object.fromEntries(Object.entries(old).filter(([key]) => !keys.includes(key))));
    onDirty(Boolean(latest.current.summary.trim() || latest.current.next_step.trim()));
  };

  const refuse = (found: Record<string, string>) => {
    setErrors(found);
    const first = ['customer', 'kind', 'occurred_at', 'summary', FOLLOW_UP].find((key) => found[key]);
    if (first) frame.current?.querySelector<HTMLElement>(`#log-${first}`)?.focus();
  };

  /** What to save, or why it cannot be. */
  const read = (now: Draft): LogInteraction | Record<string, string> => {
    const found: Record<string, string> = {};
    for (const key of ['customer', 'kind', 'summary'] as const) {
      if (isEmpty(now[key]?.trim())) found[key] = codeText('required');
    }
    if (typeof now.occurred_at !== 'number') {
      found.occurred_at = codeText(isEmpty(now.occurred_at) ? 'required' : 'date_format');
    }
    if (!isEmpty(now.followUpAt) && typeof now.followUpAt !== 'number') {
      found[FOLLOW_UP] = codeText('date_format');
    }
    if (Object.keys(found).length) return found;
    const fields: FieldValues = {
      kind: now.kind,
      occurred_at: now.occurred_at,
      customer: now.customer,
      summary: now.summary.trim(),
    };
    if (now.contacts.length) fields.contacts = now.contacts;
    if (now.opportunity) fields.opportunity = now.opportunity;
    if (now.next_step.trim()) fields.next_step = now.next_step.trim();
    return {
      fields,
      ...(typeof now.followUpAt === 'number'
        ? { follow_up: { due_at: now.followUpAt, title: now.followUpTitle.trim() || followUpDefault } }
        : {}),
      ...(request.answers ? { answers: request.answers.id } : {}),
    };
  };

  const save = async () => {
    if (saving) return;
    setSaving(true);
    try {
      await datesRead();
      const found = read(latest.current);
      if (!('fields' in found)) {
        refuse(found as Record<string, string>);
        return;
      }
      const log = found as LogInteraction;
      const saved = await call('log_interaction', log);
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
      </Form>
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
