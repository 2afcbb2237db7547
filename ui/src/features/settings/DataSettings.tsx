/** Where the data lies, its recovery key, backups, the check of the file, the sample company. */
import { useQuery } from '@tanstack/react-query';
import { Button, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usePanels } from '../../app/panels';
import { ErrorBlock } from '../../components/feedback/ErrorBlock';
import { showToast } from '../../components/feedback/toasts';
import { queryClient } from '../../data/client';
import { useStatus } from '../../data/status';
import { tried } from '../../data/writes';
import { i18n } from '../../i18n';
import type { Finding } from '../../transport/contract';
import { inDesktop } from '../../transport/platform';
import { call } from '../../transport/transport';
import { BackupTable } from '../start/FileState';
import { revealAside } from '../start/moved-aside';
import { useRestore } from '../start/use-restore';

export function DataSettings() {
  const { t } = useTranslation();
  const status = useStatus().data;
  const openKey = usePanels((state) => state.setRecoveryKey);
  const { restore, dialog } = useRestore();
  const [findings, setFindings] = useState<Finding[] | null>(null);
  const [busy, setBusy] = useState<'check' | 'backup' | 'sample' | null>(null);
  // Backups are made by the clock and before imports too: what was listed before may be old.
  const backups = useQuery({
    queryKey: ['backups'],
    queryFn: () => call('backups', {}),
    refetchOnMount: 'always',
  });
  if (!status) return null;
  const store = status.key_store === 'key_file' ? 'key_file' : 'keyring';

  const during = async (what: typeof busy, work: () => Promise<void>) => {
    setBusy(what);
    await work();
    setBusy(null);
  };
  return (
    <div className="settings-blocks">
      {dialog}
      <dl className="facts">
        <div>
          <dt>{t('settings.data.folder')}</dt>
          <dd className="path">{status.data_dir}</dd>
        </div>
        {status.moved_aside ? (
          <div data-testid="moved-aside">
            <dt>{t('settings.data.movedAside')}</dt>
            <dd>
              <span className="path">{status.moved_aside}</span>
              <RevealButton path={status.moved_aside} />
            </dd>
          </div>
        ) : null}
        <div>
          <dt>{t('settings.data.keyStore')}</dt>
          <dd>{t(`settings.data.keyStores.${store}`)}</dd>
        </div>
        <div>
          <dt>{t('settings.data.recoveryKey')}</dt>
          <dd>
            {status.recovery_key_confirmed ? (
              <Tag color="success">{t('settings.data.recoverySaved')}</Tag>
            ) : (
              <Tag color="warning">{t('settings.data.recoveryPending')}</Tag>
            )}
            <Button size="small" data-testid="new-recovery-key" onClick={() => openKey(true)}>
              {t('settings.data.newKey')}
            </Button>
          </dd>
        </div>
      </dl>
      <section>
        <header className="block-head">
          <h3>{t('settings.data.backups')}</h3>
          <Button
            loading={busy === 'backup'}
            data-testid="back-up"
            onClick={() =>
              void during('backup', async () => {
                if (!(await tried(call('back_up', {})))) return;
                showToast({ tone: 'good', text: t('settings.data.backedUp') });
                await backups.refetch();
              })
            }
          >
            {t('settings.data.backUp')}
          </Button>
        </header>
        {backups.error ? <ErrorBlock error={backups.error} onRetry={() => void backups.refetch()} /> : null}
        {backups.data?.backups.length === 0 ? <p className="soft">{t('settings.data.noBackups')}</p> : null}
        {backups.data?.backups.length ? (
          <BackupTable backups={backups.data.backups} onRestore={restore} />
        ) : null}
      </section>
      <section>
        <header className="block-head">
          <div>
            <h3>{t('settings.data.check')}</h3>
            <p className="soft">{t('settings.data.checkHint')}</p>
          </div>
          <Button
            loading={busy === 'check'}
            data-testid="doctor"
            onClick={() =>
              void during('check', async () =>
                setFindings((await tried(call('doctor', {})))?.findings ?? null),
              )
            }
          >
            {t('settings.data.check')}
          </Button>
        </header>
        {findings ? <Findings findings={findings} /> : null}
      </section>
      {status.has_sample ? (
        <section>
          <header className="block-head">
            <div>
              <h3>{t('settings.data.sample')}</h3>
              <p className="soft">{t('settings.data.removeSampleText')}</p>
            </div>
            <Button
              danger
              loading={busy === 'sample'}
              data-testid="remove-sample"
              onClick={() =>
                void during('sample', async () => {
                  if (!(await tried(call('remove_sample', {})))) return;
                  await queryClient.invalidateQueries();
                  showToast({ text: t('settings.data.sampleRemoved') });
                })
              }
            >
              {t('settings.data.removeSample')}
            </Button>
          </header>
        </section>
      ) : null}
    </div>
  );
}

/** A browser tab has no folder to show. */
function RevealButton({ path }: { path: string }) {
  const { t } = useTranslation();
  if (!inDesktop) return null;
  return (
    <Button size="small" onClick={() => revealAside(path)}>
      {t('common.showInFolder')}
    </Button>
  );
}

const LEVELS = { ok: 'success', warning: 'warning', problem: 'error' } as const;

const FINDINGS: object = i18n.getResourceBundle('zh-CN', 'translation').settings.findings;

/** What a finding says; a code without words is shown as it is, so that support can read it. */
function findingText({ code, params }: Finding): string {
  return Object.hasOwn(FINDINGS, code)
    ? i18n.t(`settings.findings.${code}` as 'settings.findings.file_damaged', { count: 0, ...params })
    : i18n.t('settings.findings.unknown', { code });
}

function Findings({ findings }: { findings: Finding[] }) {
  const { t } = useTranslation();
  if (!findings.length) return <p data-testid="findings">{t('settings.findings.ok')}</p>;
  return (
    <ul className="findings" data-testid="findings">
      {findings.map((finding, at) => {
        const level = finding.level in LEVELS ? (finding.level as keyof typeof LEVELS) : 'warning';
        return (
          <li key={at}>
            <Tag color={LEVELS[level]}>{t(`settings.data.levels.${level}`)}</Tag>
            {findingText(finding)}
          </li>
        );
      })}
    </ul>
  );
}
