/** What the server does not have yet, in words, with a way to take each back before it is sent (B1). */
import { DownloadOutlined, EditOutlined, RollbackOutlined, SyncOutlined } from '@ant-design/icons';
import { useVirtualizer } from '@tanstack/react-virtual';
import { Button, Tooltip } from 'antd';
import dayjs from 'dayjs';
import { memo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { openRecord } from '../../app/open';
import { ask } from '../../components/feedback/ask';
import { EmptyState } from '../../components/feedback/EmptyState';
import { ErrorBlock } from '../../components/feedback/ErrorBlock';
import { showToast } from '../../components/feedback/toasts';
import { useNames } from '../../components/fields/FieldView';
import type { Names } from '../../components/fields/values';
import { queryClient } from '../../data/client';
import { useNow, useSyncStatus } from '../../data/sync';
import { tried } from '../../data/writes';
import { i18n } from '../../i18n';
import { useLookSizes } from '../../theme/theme';
import type { OutboxLine } from '../../transport/contract';
import { pickSave, revealFile } from '../../transport/platform';
import { call } from '../../transport/transport';
import { detailWords, headWords } from './line-words';
import { ProgressBar } from './ProgressBar';
import { useOutbox } from './use-outbox';
import { agoWords, fullTime } from './words';

/** Two lines of text at 100 %. */
const ROW = 56;
const FIELDS_SHOWN = 3;

async function cancelLine(line: OutboxLine, what: string): Promise<void> {
  const { t } = i18n;
  const many = line.count > 1;
  if (
    many &&
    !(await ask({
      title: t('sync.outbox.cancelTitle', { count: line.count }),
      text: t('sync.outbox.cancelText'),
      ok: t('sync.outbox.cancel'),
      danger: true,
    }))
  ) {
    return;
  }
  if (!(await tried(call('outbox_cancel', { record: line.record, op: line.op })))) return;
  showToast({ tone: 'good', text: t('sync.outbox.cancelled', { what }) });
  await queryClient.invalidateQueries({ predicate: ({ meta }) => meta?.sync === true });
}

async function exportOutbox(): Promise<void> {
  const { t } = i18n;
  const name = t('sync.outbox.exportName', { date: dayjs().format('YYYY-MM-DD') });
  const path = await tried(
    pickSave(t('sync.outbox.exportTitle'), name, [
      { name: t('sync.outbox.exportKind'), extensions: ['xlsx'] },
    ]),
  );
  if (!path || !(await tried(call('outbox_export', { path })))) return;
  showToast({
    tone: 'good',
    text: t('sync.outbox.exported'),
    action: { label: t('common.showInFolder'), run: () => void tried(revealFile(path)) },
  });
}

export function Outbox() {
  const { t } = useTranslation();
  const status = useSyncStatus();
  const { scale } = useLookSizes();
  const now = useNow();
  const scroller = useRef<HTMLDivElement>(null);
  const [count, setCount] = useState(0);
  const height = Math.round(ROW * scale);
  const rows = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 6,
    useFlushSync: false,
  });
  const first = rows.range?.startIndex ?? 0;
  const lines = useOutbox(first, Math.min(Math.max(0, count - 1), rows.range?.endIndex ?? first));
  const names = useNames(lines.titles);
  if (lines.total !== null && lines.total !== count) setCount(lines.total);

  if (lines.error) return <ErrorBlock error={lines.error} onRetry={lines.retry} />;
  if (lines.total === 0) return <EmptyState text={t('sync.outbox.none')} />;
  return (
    <>
      <div className="list-tools sync-tools">
        <div>
          <b>{t('sync.outbox.count', { count: status?.pending ?? count })}</b>
          <p className="soft">{t('sync.outbox.safe')}</p>
        </div>
        <span className="topbar-space" />
        {status?.progress ? <ProgressBar progress={status.progress} /> : null}
        <Button icon={<DownloadOutlined />} onClick={() => void exportOutbox()} data-testid="outbox-export">
          {t('sync.outbox.export')}
        </Button>
      </div>
      <div
        ref={scroller}
        className="sync-list"
        role="list"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
        tabIndex={0}
        aria-label={t('sync.outbox.list')}
        data-testid="outbox"
      >
        <div className="sync-lines" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((item) => (
            <Line
              key={item.index}
              line={lines.line(item.index)}
              top={item.start}
              height={height}
              index={item.index}
              total={count}
              names={names}
              now={now}
            />
          ))}
        </div>
      </div>
    </>
  );
}

interface LineProps {
  line: OutboxLine | undefined;
  index: number;
  total: number;
  top: number;
  height: number;
  names: Names;
  now: number;
}

const Line = memo(function Line({ line, index, total, top, height, names, now }: LineProps) {
  const { t } = useTranslation();
  const place = { height, transform: `translateY(${top}px)` };
  if (!line) {
    return (
      <div className="sync-line" style={place} aria-hidden>
        <span className="grid-skeleton" />
      </div>
    );
  }
  const what = headWords(line, names, t);
  const details = detailWords(line, names, t);
  const shown = details.slice(0, FIELDS_SHOWN);
  const more = details.length - shown.length;
  const gone = line.kind === 'delete' || line.count > 1;
  return (
    <div
      className="sync-line"
      style={place}
      role="listitem"
      aria-posinset={index + 1}
      aria-setsize={total}
      data-testid="outbox-line"
      data-op={line.op}
    >
      <div className="sync-line-what">
        <b title={what}>{what}</b>
        <p className="soft" title={details.join('\n')}>
          {shown.map((text) => (
            <span key={text}>{text}</span>
          ))}
          {more > 0 ? <span>{t('sync.outbox.moreFields', { count: more })}</span> : null}
        </p>
      </div>
      <time className="soft numeric" title={fullTime(line.at)}>
        {agoWords(t, line.at, now)}
      </time>
      <div className="sync-line-deeds">
        {gone ? null : (
          <Button
            size="small"
            type="text"
            icon={<EditOutlined />}
            aria-label={t('sync.outbox.editLabel', { title: line.title })}
            onClick={() => openRecord(line.entity, line.record)}
            data-testid="outbox-edit"
          >
            {t('sync.outbox.edit')}
          </Button>
        )}
        {line.state === 'sent' ? (
          <span className="unsynced-chip sent" title={t('sync.outbox.sentHint')}>
            <SyncOutlined aria-hidden /> {t('sync.outbox.sent')}
          </span>
        ) : (
          <Tooltip title={t('sync.outbox.cancelHint')} placement="left">
            <Button
              size="small"
              icon={<RollbackOutlined />}
              aria-label={t('sync.outbox.cancelLabel', { what })}
              onClick={() => void cancelLine(line, what)}
              data-testid="outbox-cancel"
            >
              {t('sync.outbox.cancel')}
            </Button>
          </Tooltip>
        )}
      </div>
    </div>
  );
});
