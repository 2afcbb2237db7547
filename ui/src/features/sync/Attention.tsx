/** What the server did not take: why, what was typed, and what can be done with it. Nothing typed is ever gone. */
import { CopyOutlined, RedoOutlined, SwapOutlined, WarningFilled } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { openRecord } from '../../app/open';
import { EmptyState } from '../../components/feedback/EmptyState';
import { ErrorBlock } from '../../components/feedback/ErrorBlock';
import { showToast } from '../../components/feedback/toasts';
import { useNames } from '../../components/fields/FieldView';
import type { Names } from '../../components/fields/values';
import { queryClient } from '../../data/client';
import { offerUndo, tried } from '../../data/writes';
import { i18n, type TFunction } from '../../i18n';
import type { AttentionItem, Titles } from '../../transport/contract';
import { copyText } from '../../transport/platform';
import { call } from '../../transport/transport';
import { typedWords } from './line-words';
import { agoWords, fullTime } from './words';

const NO_TITLES: Titles = {};
/** Drawn at once; a refused import may have thousands. */
const PAGE = 100;

const REASONS = [
  'forbidden',
  'not_found',
  'no_root',
  'moved',
  'malformed',
  'with_others',
  'server_only',
] as const;

/** The same once more would be refused once more. */
const WRONG = new Set(['invalid', 'malformed', 'server_only', 'unknown_entity']);

function reasonWords(item: AttentionItem, names: Names, t: TFunction): string {
  if (item.code === 'invalid') {
    const field = item.field ? names.catalog.field(item.entity, item.field) : undefined;
    return field
      ? t('sync.attention.reasons.invalid', { field: names.catalog.label(field.label) })
      : t('sync.attention.reasons.invalidSome');
  }
  const known = REASONS.find((one) => one === item.code);
  return known
    ? t(`sync.attention.reasons.${known}`)
    : t('sync.attention.reasons.unknown', { code: item.code ?? '' });
}

const lookAgain = () => queryClient.invalidateQueries({ predicate: ({ meta }) => meta?.sync === true });

async function dismiss(items: AttentionItem[]): Promise<void> {
  for (const { record, op } of items) {
    if (!(await tried(call('attention_dismiss', { record, op })))) break;
  }
  await lookAgain();
}

async function retry(item: AttentionItem): Promise<void> {
  const saved = await tried(call('attention_retry', { record: item.record, op: item.op }));
  if (saved) offerUndo(saved, i18n.t('sync.attention.retried', { title: item.title }));
  await lookAgain();
}

async function copy(text: string): Promise<void> {
  if (await copyText(text)) showToast({ text: i18n.t('common.copied') });
}

export function Attention() {
  const { t } = useTranslation();
  const answer = useQuery({
    queryKey: ['attention'],
    queryFn: () => call('attention', {}),
    meta: { sync: true },
  });
  const names = useNames(answer.data?.titles ?? NO_TITLES);
  const [shown, setShown] = useState(PAGE);
  const items = answer.data?.items;
  const rejected = useMemo(() => items?.filter(({ outcome }) => outcome !== 'handed_over') ?? [], [items]);
  const handed = useMemo(() => {
    const byHeir = new Map<string | null, AttentionItem[]>();
    for (const item of items ?? []) {
      if (item.outcome !== 'handed_over') continue;
      byHeir.set(item.to, [...(byHeir.get(item.to) ?? []), item]);
    }
    return [...byHeir];
  }, [items]);
  if (answer.error) return <ErrorBlock error={answer.error} onRetry={() => void answer.refetch()} />;
  if (!items) return null;
  if (!items.length) return <EmptyState text={t('sync.attention.none')} />;
  return (
    <div className="sync-scroll" data-testid="attention">
      {rejected.length ? (
        <div className="sync-group-head">
          <p className="soft">{t('sync.attention.hint')}</p>
          {rejected.length > 1 ? (
            <Button size="small" onClick={() => void dismiss(rejected)} data-testid="attention-dismiss-all">
              {t('sync.attention.dismissAll')}
            </Button>
          ) : null}
        </div>
      ) : null}
      {rejected.slice(0, shown).map((item) => (
        <Rejected key={item.op} item={item} names={names} />
      ))}
      {rejected.length > shown ? (
        <Button type="link" onClick={() => setShown(shown + PAGE)}>
          {t('sync.attention.more', { count: Math.min(PAGE, rejected.length - shown) })}
        </Button>
      ) : null}
      {handed.map(([to, group]) => (
        <HandedOver key={to ?? ''} to={to} items={group} names={names} />
      ))}
    </div>
  );
}

function About({ item, names }: { item: AttentionItem; names: Names }) {
  const { t } = useTranslation();
  const { catalog } = names;
  return (
    <>
      <span className="soft">
        {catalog.has(item.entity) ? catalog.entityLabel(item.entity) : item.entity}
      </span>
      <button type="button" className="record-link" onClick={() => openRecord(item.entity, item.record)}>
        {item.title || t('common.unnamed')}
      </button>
      <time className="soft numeric" title={fullTime(item.at)}>
        {agoWords(t, item.at)}
      </time>
    </>
  );
}

function TypedText({ item, names }: { item: AttentionItem; names: Names }) {
  const { t } = useTranslation();
  const typed = typedWords(item.entity, item.fields, names, t);
  if (!typed.length) return <p className="soft">{t('sync.attention.nothing')}</p>;
  return (
    <dl className="sync-typed" aria-label={t('sync.attention.typed')}>
      {typed.map(({ key, label, text }) => (
        <div key={key}>
          <dt>{label}</dt>
          <dd>
            <span data-testid="attention-text">{text}</span>
            <button
              type="button"
              className="reach"
              aria-label={t('sync.attention.copyLabel', { field: label })}
              title={t('common.copy')}
              onClick={() => void copy(text)}
              data-testid="attention-copy"
            >
              <CopyOutlined />
            </button>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Rejected({ item, names }: { item: AttentionItem; names: Names }) {
  const { t } = useTranslation();
  const typed = typedWords(item.entity, item.fields, names, t);
  return (
    <article className="sync-item is-bad" data-testid="attention-item" data-op={item.op}>
      <header>
        <WarningFilled aria-hidden />
        <b>{t('sync.attention.rejected')}</b>
        <About item={item} names={names} />
      </header>
      <p data-testid="attention-reason">{reasonWords(item, names, t)}</p>
      <TypedText item={item} names={names} />
      <div className="sync-deeds">
        {item.can_retry ? (
          <Button
            size="small"
            type="primary"
            icon={<RedoOutlined />}
            onClick={() => void retry(item)}
            data-testid="attention-retry"
          >
            {t('sync.attention.retry')}
          </Button>
        ) : null}
        {typed.length > 1 ? (
          <Button
            size="small"
            icon={<CopyOutlined />}
            onClick={() => void copy(typed.map(({ label, text }) => `${label}: ${text}`).join('\n'))}
          >
            {t('sync.attention.copy')}
          </Button>
        ) : null}
        <Button size="small" onClick={() => void dismiss([item])} data-testid="attention-dismiss">
          {t('sync.attention.dismiss')}
        </Button>
        {item.can_retry ? null : (
          <span className="soft">
            {t(WRONG.has(item.code ?? '') ? 'sync.attention.mend' : 'sync.attention.noRetry')}
          </span>
        )}
      </div>
    </article>
  );
}

function HandedOver({ to, items, names }: { to: string | null; items: AttentionItem[]; names: Names }) {
  const { t } = useTranslation();
  const name = (to ? names.catalog.nameOf(to) : undefined) ?? t('sync.attention.someone');
  const count = items.reduce((sum, item) => sum + (item.count ?? 1), 0);
  return (
    <article className="sync-item" data-testid="attention-handed">
      <header>
        <SwapOutlined aria-hidden />
        <b>{t('sync.attention.handed', { count, name })}</b>
      </header>
      <p className="soft">{t('sync.attention.handedText', { name })}</p>
      {items.map((item) => (
        <div key={item.op} className="sync-handed">
          <p>
            <About item={item} names={names} />
          </p>
          <TypedText item={item} names={names} />
        </div>
      ))}
      <div className="sync-deeds">
        <Button size="small" onClick={() => void dismiss(items)} data-testid="attention-handed-dismiss">
          {t('sync.attention.dismiss')}
        </Button>
      </div>
    </article>
  );
}
