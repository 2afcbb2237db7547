/** Settings → sync: joining a team, or the account of a laptop that has. */
import { Link } from '@tanstack/react-router';
import { Button, Input, Switch } from 'antd';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { showToast } from '../../components/feedback/toasts';
import { Chip } from '../../components/fields/Chip';
import { isComposing } from '../../components/keys';
import { queryClient } from '../../data/client';
import { showSyncStatus, useNow, useSyncStatus } from '../../data/sync';
import type { SyncAccount, SyncStatus } from '../../transport/contract';
import { call } from '../../transport/transport';
import { pauseSync, setWeakNetwork } from './deeds';
import { JoinFlow } from './join/JoinFlow';
import { ProgressBar } from './ProgressBar';
import { SyncLog } from './SyncLog';
import { clockWords, phaseWords, roleWords, thrownWords, toneOf, troubleWords } from './words';

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

function LogIn({ wanted }: { wanted: boolean }) {
  const { t } = useTranslation();
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const id = useId();
  const logIn = async () => {
    if (!password || busy) return;
    setBusy(true);
    setProblem(null);
    try {
      showSyncStatus(await call('sync_log_in', { password }));
      setPassword('');
      showToast({ tone: 'good', text: t('join.joined.loggedIn') });
      await queryClient.invalidateQueries({ predicate: ({ meta }) => meta?.sync === true });
    } catch (thrown) {
      setProblem(thrown);
    }
    setBusy(false);
  };
  const words = problem === null ? null : thrownWords(t, problem);
  return (
    <section className={wanted ? 'sync-item is-bad' : ''} data-testid="log-in">
      <h3>{t('join.joined.logIn')}</h3>
      <p className="soft">{t(wanted ? 'sync.troubles.login_required.safe' : 'join.joined.logInHint')}</p>
      <div className="settings-row">
        <label htmlFor={id} className="sr-only">
          {t('join.joined.password')}
        </label>
        <Input.Password
          id={id}
          className="settings-select"
          value={password}
          autoComplete="current-password"
          placeholder={t('join.joined.password')}
          onChange={({ target }) => setPassword(target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && !isComposing(event)) void logIn();
          }}
          data-testid="log-in-password"
        />
        <Button
          type={wanted ? 'primary' : 'default'}
          disabled={!password}
          loading={busy}
          onClick={() => void logIn()}
          data-testid="log-in-go"
        >
          {t('join.joined.logIn')}
        </Button>
      </div>
      {words ? (
        <p className="bad" role="alert" data-testid="log-in-problem">
          {words.safe ? t('sync.troubleLine', { ...words }) : words.title}
          {words.code ? ` (${words.code})` : ''}
        </p>
      ) : null}
    </section>
  );
}
