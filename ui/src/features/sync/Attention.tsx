/** What the server did not take: why, what was typed, and what can be done with it. Nothing typed is ever gone. */
import { CopyOutlined, ForkOutlined, RedoOutlined, SwapOutlined, WarningFilled } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { openRecord } from '../../app/open';
import { ask } from '../../components/feedback/ask';
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
import { CARD, cardWords, type Deciding, useDeciding } from './deciding';
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

/** What was typed, as lines to copy; empty where nothing was. A decision is made again where its card stands. */
function textOf({ entity, fields }: AttentionItem, names: Names): string {
  if (entity === CARD) return '';
  const typed = typedWords(entity, fields, names, i18n.t);
  return typed.map(({ label, text }) => `${label}: ${text}`).join('\n');
}

/** Nothing that was typed goes without a question, and not before it could be copied. */
async function sure(items: AttentionItem[], names: Names): Promise<boolean> {
  const { t } = i18n;
  const lost = items.filter((item) => textOf(item, names));
  const [first] = lost;
  if (!first) return true;
  const blocks = lost.map((item) => (lost.length > 1 ? `${item.title}\n` : '') + textOf(item, names));
  const [title, text] =
    items.length > 1
      ? [
          t('sync.attention.dismissAllTitle', { count: items.length }),
          t('sync.attention.dismissAllText', { count: lost.length }),
        ]
      : [
          t('sync.attention.dismissTitle', { title: first.title || t('common.unnamed') }),
          t(first.kind === 'create' ? 'sync.attention.dismissNewText' : 'sync.attention.dismissText'),
        ];
  return ask({
    title,
    text,
    ok: t(items.length > 1 ? 'sync.attention.dismissAll' : 'sync.attention.dismiss'),
    danger: true,
    before: { label: t('sync.attention.copy'), run: () => void copy(blocks.join('\n\n')) },
  });
}

async function drop(items: AttentionItem[], names: Names): Promise<void> {
  if (await sure(items, names)) await dismiss(items);
}

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
  const deciding = useDeciding(items?.some(({ entity }) => entity === CARD) ?? false);
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
            <Button
              size="small"
              onClick={() => void drop(rejected, names)}
              data-testid="attention-dismiss-all"
            >
              {t('sync.attention.dismissAll')}
            </Button>
          ) : null}
        </div>
      ) : null}
      {rejected.slice(0, shown).map((item) => (
        <Rejected key={item.op} item={item} names={names} deciding={deciding} />
      ))}
      {rejected.length > shown ? (
        <Button type="link" onClick={() => setShown(shown + PAGE)}>
          {t('sync.attention.more', { count: Math.min(PAGE, rejected.length - shown) })}
        </Button>
      ) : null}
      {handed.map(([to, group]) => (
        <HandedOver key={to ?? ''} to={to} items={group} names={names} deciding={deciding} />
      ))}
    </div>
  );
}

interface ItemProps {
  item: AttentionItem;
  names: Names;
  deciding: Deciding;
}

function About({ item, names, deciding }: ItemProps) {
  const { t } = useTranslation();
  const { catalog } = names;
  const isCard = item.entity === CARD;
  return (
    <>
      {isCard ? null : (
        <span className="soft">
          {catalog.has(item.entity) ? catalog.entityLabel(item.entity) : item.entity}
        </span>
      )}
      <button type="button" className="record-link" onClick={() => openRecord(item.entity, item.record)}>
        {isCard ? cardWords(item, deciding, names, t) : item.title || t('common.unnamed')}
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

function Rejected({ item, names, deciding }: ItemProps) {
  const { t } = useTranslation();
  const text = textOf(item, names);
  const isCard = item.entity === CARD;
  return (
    <article className="sync-item is-bad" data-testid="attention-item" data-op={item.op}>
      <header>
        <WarningFilled aria-hidden />
        <b>{t('sync.attention.rejected')}</b>
        <About item={item} names={names} deciding={deciding} />
      </header>
      <p data-testid="attention-reason">{reasonWords(item, names, t)}</p>
      {isCard ? null : <TypedText item={item} names={names} />}
      <div className="sync-deeds">
        {isCard ? (
          <Button
            size="small"
            type="primary"
            icon={<ForkOutlined />}
            onClick={() => openRecord(CARD, item.record)}
            data-testid="attention-to-card"
          >
            {t('sync.attention.toCards')}
          </Button>
        ) : item.can_retry ? (
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
        {text ? (
          <Button
            size="small"
            icon={<CopyOutlined />}
            onClick={() => void copy(text)}
            data-testid="attention-copy-all"
          >
            {t('sync.attention.copy')}
          </Button>
        ) : null}
        <Button size="small" onClick={() => void drop([item], names)} data-testid="attention-dismiss">
          {t('sync.attention.dismiss')}
        </Button>
        {item.can_retry && !isCard ? null : (
          <span className="soft">
            {isCard
              ? t('sync.attention.cardHint')
              : t(WRONG.has(item.code ?? '') ? 'sync.attention.mend' : 'sync.attention.noRetry')}
          </span>
        )}
      </div>
    </article>
  );
}

function HandedOver(props: { to: string | null; items: AttentionItem[]; names: Names; deciding: Deciding }) {
  const { to, items, names, deciding } = props;
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
            <About item={item} names={names} deciding={deciding} />
          </p>
          {item.entity === CARD ? null : <TypedText item={item} names={names} />}
        </div>
      ))}
      <div className="sync-deeds">
        <Button size="small" onClick={() => void dismiss(items)} data-testid="attention-handed-dismiss">
          {t('sync.attention.seen')}
        </Button>
      </div>
    </article>
  );
}
