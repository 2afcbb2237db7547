/** Settings → sync: joining a team, or the account of a laptop that has. */
import { Link } from '@tanstack/react-router';
import { Button, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import { Chip } from '../../components/fields/Chip';
import { useNow, useSyncStatus } from '../../data/sync';
import type { SyncAccount, SyncStatus } from '../../transport/contract';
import { pauseSync, setWeakNetwork } from './deeds';
import { JoinFlow } from './join/JoinFlow';
import { LogIn } from './LogIn';
import { ProgressBar } from './ProgressBar';
import { SyncLog } from './SyncLog';
import { clockWords, phaseWords, roleWords, toneOf, troubleWords } from './words';

const COLORS = { good: 'green', calm: 'default', due: 'orange', bad: 'red' } as const;

export function SyncSettings() {
  const status = useSyncStatus();
  return status?.account ? <Joined status={status} account={status.account} /> : <JoinFlow />;
}

function Joined({ status, account }: { status: SyncStatus; account: SyncAccount }) {
  const { t } = useTranslation();
  const now = useNow();
  const { trouble, progress, last_sync } = status;
  const words = trouble ? troubleWords(t, trouble.code) : null;
  return (
    <div className="settings-blocks" data-testid="sync-joined">
      {last_sync === null ? <Joining status={status} /> : null}
      <dl className="facts">
        <div>
          <dt>{t('join.joined.state')}</dt>
          <dd>
            <Chip text={phaseWords(t, status)} color={COLORS[toneOf(status)]} />
            {words ? (
              <span>
                {words.title}
                {words.code ? ` (${words.code})` : ''}
              </span>
            ) : null}
            <Link to="/sync" search={{ tab: words ? 'check' : 'outbox' }}>
              {t('join.joined.details')}
            </Link>
          </dd>
        </div>
        <div>
          <dt>{t('join.joined.lastSync')}</dt>
          <dd className="numeric">
            {last_sync === null ? t('sync.panel.never') : clockWords(last_sync, now)}
          </dd>
        </div>
        <div>
          <dt>{t('join.joined.server')}</dt>
          <dd className="path">{account.server}</dd>
        </div>
        <div>
          <dt>{t('join.joined.login')}</dt>
          <dd>{account.login}</dd>
        </div>
        <div>
          <dt>{t('join.joined.role')}</dt>
          <dd>{roleWords(t, account.role)}</dd>
        </div>
        <div>
          <dt>{t('join.joined.device')}</dt>
          <dd>{t('join.joined.deviceOn')}</dd>
        </div>
        <div>
          <dt>{t('join.joined.weak')}</dt>
          <dd>
            <Switch
              checked={status.weak_network}
              aria-label={t('join.joined.weak')}
              onChange={(weak) => void setWeakNetwork(weak)}
            />
            <span className="soft">{t('sync.panel.weakHint')}</span>
          </dd>
        </div>
      </dl>
      {progress && last_sync !== null ? <ProgressBar progress={progress} /> : null}
      <LogIn wanted={trouble?.code === 'login_required'} />
      <section>
        <h3>{t('sync.tabs.log')}</h3>
        <div className="settings-log">
          <SyncLog />
        </div>
      </section>
    </div>
  );
}

/** The first time that both sides come to agree. */
function Joining({ status }: { status: SyncStatus }) {
  const { t } = useTranslation();
  const paused = status.phase === 'paused';
  return (
    <section className="sync-item" data-testid="joining">
      <header>
        <b>{t('join.joining.title')}</b>
      </header>
      <p>{t(paused ? 'join.joining.paused' : 'join.joining.text')}</p>
      {status.progress ? <ProgressBar progress={status.progress} /> : null}
      <div className="sync-deeds">
        <Button size="small" onClick={() => void pauseSync(!paused)} data-testid="joining-pause">
          {t(paused ? 'join.joining.resume' : 'join.joining.pause')}
        </Button>
      </div>
    </section>
  );
}
