/** When the data file cannot be opened: what happened, what is safe, what to do. */
import { useQuery } from '@tanstack/react-query';
import { Button, Input, Modal } from 'antd';
import dayjs from 'dayjs';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Mark } from '../../app/Frame';
import { ErrorBlock } from '../../components/feedback/ErrorBlock';
import { codeText, errorText, isKnownCode } from '../../components/feedback/error-text';
import { DATE_TIME } from '../../components/fields/times';
import { isComposing } from '../../components/keys';
import { queryClient } from '../../data/client';
import { showStatus } from '../../data/status';
import { tried } from '../../data/writes';
import type { BackupView, Status } from '../../transport/contract';
import { call } from '../../transport/transport';
import { OutOfReach } from '../sync/OutOfReach';
import { tellMovedAside } from './moved-aside';
import { useRestore } from './use-restore';

/** A code in words, where it is one. */
const reasonText = (reason: string) => (isKnownCode(reason) ? codeText(reason) : reason);

type Trouble = Exclude<Status['state']['name'], 'ready' | 'first_run'>;

export function FileStatePage({ status }: { status: Status }) {
  const { t } = useTranslation();
  const { state } = status;
  const name = state.name as Trouble;
  const params = {
    owner: state.name === 'in_use' ? state.owner : '',
    reason: state.name === 'unusable' ? reasonText(state.reason) : '',
    days: state.name === 'out_of_reach' ? state.days : 0,
    since: state.name === 'out_of_reach' ? dayjs(state.since).format(DATE_TIME) : '',
  };
  const parts = ['happened', 'safe', 'todo'] as const;
  return (
    <div className="start" data-testid={`state-${name}`}>
      <div className="start-panel">
        <header className="start-head">
          <Mark />
          <h1>{t(`start.state.${name}.title`)}</h1>
        </header>
        <dl className="state-parts">
          {parts.map((part) => (
            <div key={part} className={`state-${part}`}>
              <dt>{t(`start.state.${part}`)}</dt>
              <dd>{t(`start.state.${name}.${part}`, params)}</dd>
            </div>
          ))}
          <div>
            <dt>{t('start.state.dataDir')}</dt>
            <dd className="path">{status.data_dir}</dd>
          </div>
        </dl>
        <Way name={name} />
      </div>
    </div>
  );
}

function Way({ name }: { name: Trouble }): ReactNode {
  const { t } = useTranslation();
  if (name === 'locked') return <UnlockForm />;
  if (name === 'damaged') return <BackupList />;
  if (name === 'out_of_reach') return <OutOfReach />;
  return (
    <div className="start-foot">
      <Button type="primary" onClick={() => void openAgain()} data-testid="state-again">
        {t('start.state.again')}
      </Button>
    </div>
  );
}

async function openAgain(): Promise<void> {
  const status = await tried(call('open_again', {}));
  if (!status) return;
  showStatus(status);
  await queryClient.invalidateQueries();
}

function UnlockForm() {
  const { t } = useTranslation();
  const [key, setKey] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const unlock = async () => {
    setBusy(true);
    try {
      showStatus(await call('unlock', { recovery_key: key.trim() }));
      await queryClient.invalidateQueries();
    } catch (thrown) {
      setProblem(errorText(thrown));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="unlock">
      <label htmlFor="unlock-key">{t('start.state.locked.field')}</label>
      <Input
        id="unlock-key"
        autoFocus
        size="large"
        value={key}
        spellCheck={false}
        autoComplete="off"
        status={problem ? 'error' : ''}
        aria-describedby="unlock-problem"
        data-testid="unlock-key"
        onChange={(event) => {
          setKey(event.target.value);
          setProblem(null);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !isComposing(event)) void unlock();
        }}
      />
      <p id="unlock-problem" className="bad" role="alert">
        {problem}
      </p>
      <div className="start-foot">
        <Button
          type="primary"
          loading={busy}
          disabled={!key.trim()}
          onClick={() => void unlock()}
          data-testid="unlock"
        >
          {t('start.state.locked.unlock')}
        </Button>
      </div>
    </div>
  );
}

function BackupList() {
  const { t } = useTranslation();
  const [modal, holder] = Modal.useModal();
  const found = useQuery({ queryKey: ['backups'], queryFn: () => call('backups', {}) });
  const { restore, dialog } = useRestore();
  const anew = () =>
    modal.confirm({
      title: t('start.state.damaged.anew'),
      content: t('start.state.damaged.anewText'),
      okText: t('start.state.damaged.anew'),
      okButtonProps: { danger: true },
      cancelText: t('common.cancel'),
      onOk: async () => {
        const status = await tried(call('start_anew', {}));
        if (!status) return;
        showStatus(status);
        tellMovedAside(status);
      },
    });
  if (found.error) return <ErrorBlock error={found.error} onRetry={() => void found.refetch()} />;
  if (!found.data) return null;
  return (
    <>
      {holder}
      {dialog}
      {found.data.backups.length ? (
        <BackupTable backups={found.data.backups} onRestore={restore} />
      ) : (
        <p>{t('start.state.damaged.noBackups')}</p>
      )}
      <div className="start-foot">
        <Button onClick={() => void anew()} data-testid="start-anew">
          {t('start.state.damaged.anew')}
        </Button>
      </div>
    </>
  );
}

const REASONS = ['scheduled', 'before_import', 'before_migration', 'before_restore', 'manual'] as const;

/** Backups, the latest first, each with a way back to it. */
export function BackupTable({
  backups,
  onRestore,
}: {
  backups: BackupView[];
  onRestore(backup: BackupView): void;
}) {
  const { t } = useTranslation();
  return (
    <ul className="backups" data-testid="backups">
      {[...backups]
        .sort((a, b) => b.at - a.at)
        .map((backup) => (
          <li key={backup.name}>
            <b>{dayjs(backup.at).format(DATE_TIME)}</b>
            <span className="soft">
              {t(`settings.data.reasons.${REASONS.find((reason) => reason === backup.reason) ?? 'other'}`)}
            </span>
            <span className="soft numeric">{(backup.bytes / 1_048_576).toFixed(1)} MB</span>
            <Button size="small" onClick={() => onRestore(backup)} data-testid="backup-restore">
              {t('settings.data.restore')}
            </Button>
          </li>
        ))}
    </ul>
  );
}
