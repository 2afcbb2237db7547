/** What the sync did, the latest first; all of it can be copied for whoever helps. */
import { CopyOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button, Segmented } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../components/feedback/EmptyState';
import { ErrorBlock } from '../../components/feedback/ErrorBlock';
import { showToast } from '../../components/feedback/toasts';
import { useNames } from '../../components/fields/FieldView';
import type { Names } from '../../components/fields/values';
import type { TFunction } from '../../i18n';
import type { SyncLogEntry } from '../../transport/contract';
import { copyText } from '../../transport/platform';
import { call } from '../../transport/transport';
import { fullTime, troubleWords } from './words';

const CODES = [
  'joined',
  'synced',
  'failed',
  'paused',
  'resumed',
  'handed_over',
  'merged',
  'lost',
  'rejected',
  'new_epoch',
  'copied',
  'repaired',
  'evidence',
  'restarted',
] as const;
const TROUBLES = new Set([
  'failed',
  'copied',
  'new_epoch',
  'restarted',
  'repaired',
  'evidence',
  'lost',
  'rejected',
]);
const NO_TITLES = {};

/** What happened, and with how much. */
function entryWords(
  { code, params }: SyncLogEntry,
  names: Names,
  t: TFunction,
): { text: string; detail: string | null } {
  const known = CODES.find((one) => one === code) ?? 'unknown';
  const trouble = params.code ?? params.trouble;
  const reason = trouble ? troubleWords(t, trouble) : null;
  const text = t(`sync.log.codes.${known as 'failed'}`, {
    code,
    reason: reason ? (reason.code ?? reason.title) : '',
  });
  const { sent, received, purged, count, to, file } = params;
  if (code === 'evidence' && file !== undefined) return { text, detail: file };
  if (sent !== undefined || received !== undefined) {
    const counts = t('sync.log.counts', { sent: Number(sent ?? 0), received: Number(received ?? 0) });
    const gone = Number(purged ?? 0);
    return {
      text,
      detail: gone ? counts + t('common.separator') + t('sync.log.removed', { count: gone }) : counts,
    };
  }
  if (code === 'copied' && Number(count ?? 0)) {
    return { text, detail: t('sync.log.recovered', { count: Number(count) }) };
  }
  if (code === 'repaired' && count !== undefined) {
    return { text, detail: t('sync.log.fetched', { count: Number(count) }) };
  }
  if ((code === 'merged' || code === 'lost' || code === 'rejected') && count !== undefined) {
    return { text, detail: t(`sync.log.${code}`, { count: Number(count) }) };
  }
  if (code === 'handed_over' && count !== undefined) {
    const name = (to ? names.catalog.nameOf(to) : undefined) ?? t('sync.attention.someone');
    return { text, detail: t('sync.attention.handed', { count: Number(count), name }) };
  }
  return { text, detail: null };
}

export function SyncLog() {
  const { t } = useTranslation();
  const [only, setOnly] = useState<'all' | 'troubles'>('all');
  const names = useNames(NO_TITLES);
  const answer = useQuery({
    queryKey: ['sync_log'],
    queryFn: () => call('sync_log', {}),
    meta: { sync: true },
  });
  if (answer.error) return <ErrorBlock error={answer.error} onRetry={() => void answer.refetch()} />;
  if (!answer.data) return null;
  const entries = answer.data.entries.filter(({ code }) => only === 'all' || TROUBLES.has(code));
  const copy = async () => {
    const text = entries
      .map((entry) => `${fullTime(entry.at)} ${entry.code} ${JSON.stringify(entry.params)}`)
      .join('\n');
    if (await copyText(text)) showToast({ text: t('common.copied') });
  };
  return (
    <>
      <div className="list-tools">
        <Segmented
          value={only}
          aria-label={t('sync.log.only')}
          options={(['all', 'troubles'] as const).map((value) => ({
            value,
            label: <span data-testid={`log-${value}`}>{t(`sync.log.${value}`)}</span>,
          }))}
          onChange={setOnly}
        />
        <span className="soft">{t('sync.log.hint')}</span>
        <span className="topbar-space" />
        <Button icon={<CopyOutlined />} disabled={!entries.length} onClick={() => void copy()}>
          {t('sync.log.copy')}
        </Button>
      </div>
      {entries.length ? (
        <ol
          className="sync-scroll sync-log"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
          tabIndex={0}
          aria-label={t('sync.tabs.log')}
          data-testid="sync-log"
        >
          {entries.map((entry, at) => {
            const { text, detail } = entryWords(entry, names, t);
            return (
              <li key={`${entry.at} ${at}`} className={entry.code === 'failed' ? 'failed' : ''}>
                <time className="numeric">{fullTime(entry.at)}</time>
                <span>{text}</span>
                {detail ? <small className="soft numeric">{detail}</small> : null}
              </li>
            );
          })}
        </ol>
      ) : (
        <EmptyState text={t('sync.log.none')} />
      )}
    </>
  );
}
