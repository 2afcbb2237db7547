/** What the server does not have yet, in words, with a way to take each back before it is sent (B1). */
import {
  DownloadOutlined,
  EditOutlined,
  ForkOutlined,
  RollbackOutlined,
  SyncOutlined,
} from '@ant-design/icons';
import { useVirtualizer } from '@tanstack/react-virtual';
import { Button, Tooltip } from 'antd';
import dayjs from 'dayjs';
import { memo, useCallback, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { openRecord } from '../../app/open';
import { EmptyState } from '../../components/feedback/EmptyState';
import { ErrorBlock } from '../../components/feedback/ErrorBlock';
import { showToast } from '../../components/feedback/toasts';
import { useNames } from '../../components/fields/FieldView';
import type { Names } from '../../components/fields/values';
import { useNow, useSyncStatus } from '../../data/sync';
import { tried } from '../../data/writes';
import { i18n } from '../../i18n';
import { useLookSizes } from '../../theme/theme';
import type { OutboxLine } from '../../transport/contract';
import { pickSave, revealFile } from '../../transport/platform';
import { call } from '../../transport/transport';
import { CARD, type Deciding, useDeciding } from './deciding';
import { detailWords, headWords } from './line-words';
import { ProgressBar } from './ProgressBar';
import { takeBack } from './take-back';
import { useOutbox } from './use-outbox';
import { agoWords, fullTime } from './words';

/** Two lines of text at 100 %. */
const ROW = 56;
const FIELDS_SHOWN = 3;

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
  const inSight = rows.getVirtualItems();
  const deciding = useDeciding(inSight.some(({ index }) => lines.line(index)?.entity === CARD));
  const latest = useRef({ names, deciding });
  latest.current = { names, deciding };
  const onCancel = useCallback(async (line: OutboxLine, index: number) => {
    const { names: known, deciding: of } = latest.current;
    if (!(await takeBack(line, index, (one) => headWords(one, known, of, i18n.t)))) return;
    // The button went with its line; the keyboard stays in the list.
    if (!document.activeElement || document.activeElement === document.body) scroller.current?.focus();
  }, []);
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
          {inSight.map((item) => (
            <Line
              key={item.index}
              line={lines.line(item.index)}
              top={item.start}
              height={height}
              index={item.index}
              total={count}
              names={names}
              deciding={deciding}
              now={now}
              onCancel={onCancel}
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
  deciding: Deciding;
  now: number;
  onCancel(line: OutboxLine, index: number): Promise<void>;
}

const Line = memo(function Line(props: LineProps) {
  const { line, index, total, top, height, names, deciding, now, onCancel } = props;
  const { t } = useTranslation();
  const place = { height, transform: `translateY(${top}px)` };
  if (!line) {
    return (
      <div className="sync-line" style={place} aria-hidden>
        <span className="grid-skeleton" />
      </div>
    );
  }
  const what = headWords(line, names, deciding, t);
  const details = detailWords(line, names, t);
  const shown = details.slice(0, FIELDS_SHOWN);
  const more = details.length - shown.length;
  const isCard = line.entity === CARD;
  const gone = line.kind === 'delete' || line.count > 1;
  const title = isCard ? deciding.card(line.record)?.title || t('common.unnamed') : line.title;
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
            icon={isCard ? <ForkOutlined /> : <EditOutlined />}
            aria-label={t(isCard ? 'sync.outbox.toCardLabel' : 'sync.outbox.editLabel', { title })}
            onClick={() => openRecord(line.entity, line.record)}
            data-testid="outbox-edit"
          >
            {t(isCard ? 'sync.outbox.toCard' : 'sync.outbox.edit')}
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
              onClick={() => void onCancel(line, index)}
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
