/** In the top bar of a laptop that belongs to a team: how it stands with the server, and the panel behind that. */
import { ExclamationCircleOutlined, ForkOutlined } from '@ant-design/icons';
import { Popover } from 'antd';
import { type ReactNode, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isComposing } from '../../components/keys';
import { useSyncStatus } from '../../data/sync';
import type { SyncStatus } from '../../transport/contract';
import { PhaseIcon } from './PhaseIcon';
import { Said } from './Said';
import { SyncPanel } from './SyncPanel';
import { phaseWords, toneOf } from './words';

export function SyncBadge() {
  const status = useSyncStatus();
  return status?.account ? (
    <>
      <Badge status={status} />
      <Said status={status} />
    </>
  ) : null;
}

function Badge({ status }: { status: SyncStatus }) {
  const { t, i18n } = useTranslation();
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const { phase, pending, conflicts, attention } = status;
  const number = (count: number) => count.toLocaleString(i18n.language);
  const close = (back = true) => {
    setOpen(false);
    if (back) button.current?.focus();
  };
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      afterOpenChange={(shown) => shown && panel.current?.focus({ preventScroll: true })}
      trigger="click"
      placement="bottomRight"
      destroyOnHidden
      content={
        <div
          ref={panel}
          role="dialog"
          tabIndex={-1}
          aria-label={t('sync.panel.label')}
          className="sync-panel"
          data-testid="sync-panel"
          onKeyDown={(event) => {
            if (event.key !== 'Escape' || isComposing(event)) return;
            event.stopPropagation();
            close();
          }}
          onBlur={({ relatedTarget }) => {
            // Tabbing on out of it closes it, as it would a menu.
            if (relatedTarget && !panel.current?.contains(relatedTarget)) close(false);
          }}
        >
          <SyncPanel status={status} onClose={() => close(false)} />
        </div>
      }
    >
      <button
        ref={button}
        type="button"
        className={`sync-badge sync-${toneOf(status)}`}
        aria-haspopup="dialog"
        aria-expanded={open}
        data-testid="sync-badge"
        data-phase={phase}
      >
        <span className="sr-only">{t('sync.title')}</span>
        <PhaseIcon phase={phase} />
        <span className="sync-badge-word">{phaseWords(t, status)}</span>
        {pending ? (
          <span className="sync-badge-count numeric">
            {phase === 'waiting' ? number(pending) : t('sync.badge.pendingShort', { count: pending })}
          </span>
        ) : null}
        <More icon={<ForkOutlined aria-hidden />} count={conflicts} words="conflicts" />
        <More icon={<ExclamationCircleOutlined aria-hidden />} count={attention} words="attention" />
      </button>
    </Popover>
  );
}

/** A number with its sign; who hears it hears what is counted. */
function More({ icon, count, words }: { icon: ReactNode; count: number; words: 'conflicts' | 'attention' }) {
  const { t, i18n } = useTranslation();
  if (!count) return null;
  const spoken = t(`sync.badge.${words}`, { count });
  return (
    <span className="sync-badge-more numeric" title={spoken}>
      {icon}
      <span aria-hidden>{count.toLocaleString(i18n.language)}</span>
      <span className="sr-only">{spoken}</span>
    </span>
  );
}
