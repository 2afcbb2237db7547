/** Behind the badge: the state in plain words, what to do about it, and the ways on (B1, B24). */
import {
  PauseOutlined,
  PlayCircleOutlined,
  RightOutlined,
  SyncOutlined,
  WarningFilled,
} from '@ant-design/icons';
import { Link } from '@tanstack/react-router';
import { Button, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import { CLOCK_OFF, useNow } from '../../data/sync';
import type { SyncStatus } from '../../transport/contract';
import { copyText } from '../../transport/platform';
import { pauseSync, setWeakNetwork, syncNow } from './deeds';
import { PhaseIcon } from './PhaseIcon';
import { ProgressBar } from './ProgressBar';
import { SYNC_TABS, type SyncTab } from './tabs';
import { clockWords, toneOf, troubleWords } from './words';

export function SyncPanel({ status, onClose }: { status: SyncStatus; onClose(): void }) {
  const { t, i18n } = useTranslation();
  const now = useNow(10_000);
  const { phase, trouble, progress, last_sync, pending, waiting_since } = status;
  // What was the matter before does not matter while it is paused, or being tried again.
  const told = trouble !== null && phase !== 'paused' && phase !== 'syncing';
  const words = told ? troubleWords(t, trouble.code) : null;
  const retry = trouble?.retry_at ?? null;
  const counts: Partial<Record<SyncTab, number>> = {
    outbox: pending,
    attention: status.attention,
    conflicts: status.conflicts,
  };
  return (
    <>
      <header className={`sync-head sync-${toneOf(status)}`}>
        <PhaseIcon phase={phase} />
        <h2 data-testid="sync-state">{words?.title ?? t(`sync.phases.${phase}`)}</h2>
      </header>
      <p className="sync-told">{words?.safe ?? t(`sync.told.${phase}`)}</p>
      {words ? <p className="sync-todo">{words.todo}</p> : null}
      {words?.code ? (
        <Button
          size="small"
          type="text"
          onClick={() => void copyText(words.code ?? '')}
          title={t('common.copyCode')}
        >
          {t('common.code', { code: words.code })}
        </Button>
      ) : null}
      <ClockNotice offset={status.clock_offset} />
      {progress ? (
        <>
          <ProgressBar progress={progress} />
          <p className="soft sync-hint">{t('sync.progress.pauseHint')}</p>
        </>
      ) : null}
      <dl className="sync-facts">
        <div>
          <dt>{t('sync.panel.lastSync')}</dt>
          <dd className="numeric">
            {last_sync === null
              ? t('sync.panel.never')
              : t('sync.panel.asOf', { time: clockWords(last_sync, now) })}
          </dd>
        </div>
        {retry !== null && phase !== 'syncing' && phase !== 'paused' ? (
          <div>
            <dt>{t('sync.panel.nextTry')}</dt>
            <dd className="numeric">{retry <= now ? t('sync.panel.soon') : clockWords(retry, now)}</dd>
          </div>
        ) : null}
        {pending && waiting_since !== null ? (
          <div>
            <dt>{t('sync.panel.waitingSince')}</dt>
            <dd className="numeric">{clockWords(waiting_since, now)}</dd>
          </div>
        ) : null}
      </dl>
      <div className="sync-deeds">
        {trouble?.code === 'login_required' ? (
          <Link
            to="/settings"
            search={{ section: 'sync' }}
            onClick={onClose}
            className="ant-btn ant-btn-primary sync-link-button"
            data-testid="sync-to-log-in"
          >
            {t('sync.panel.logIn')}
          </Link>
        ) : (
          <Button
            type="primary"
            icon={<SyncOutlined />}
            disabled={phase === 'syncing' || phase === 'paused'}
            onClick={() => void syncNow()}
            data-testid="sync-now"
          >
            {t('sync.panel.now')}
          </Button>
        )}
        <Button
          icon={phase === 'paused' ? <PlayCircleOutlined /> : <PauseOutlined />}
          onClick={() => void pauseSync(phase !== 'paused')}
          data-testid="sync-pause"
        >
          {t(phase === 'paused' ? 'sync.panel.resume' : 'sync.panel.pause')}
        </Button>
      </div>
      <label className="sync-weak" htmlFor="sync-weak">
        <Switch
          id="sync-weak"
          size="small"
          checked={status.weak_network}
          onChange={(weak) => void setWeakNetwork(weak)}
          data-testid="sync-weak"
        />
        <span>
          {t('sync.panel.weak')}
          <small>{t('sync.panel.weakHint')}</small>
        </span>
      </label>
      <nav className="sync-links" aria-label={t('sync.tabsLabel')}>
        {SYNC_TABS.map((tab) => (
          <Link key={tab} to="/sync" search={{ tab }} onClick={onClose} data-testid={`sync-to-${tab}`}>
            <span>{t(`sync.tabs.${tab}`)}</span>
            {counts[tab] ? (
              <b className={`numeric${tab === 'outbox' ? '' : ' due'}`}>
                {counts[tab].toLocaleString(i18n.language)}
              </b>
            ) : null}
            <RightOutlined aria-hidden />
          </Link>
        ))}
      </nav>
    </>
  );
}

/** A clock that is wrong stops nothing; it is said, since reminders go by it. */
export function ClockNotice({ offset }: { offset: number }) {
  const { t } = useTranslation();
  if (Math.abs(offset) <= CLOCK_OFF) return null;
  const minutes = Math.round(Math.abs(offset) / 60_000);
  // The offset is the server's clock minus this laptop's.
  const way = t(offset > 0 ? 'sync.panel.clockSlow' : 'sync.panel.clockFast');
  return (
    <div className="sync-warning" role="status" data-testid="sync-clock">
      <WarningFilled aria-hidden />
      <p>
        <b>{t('sync.panel.clockTitle', { way, minutes })}</b>
        {t('sync.panel.clockText')}
      </p>
    </div>
  );
}
