/**
 * Going back to a backup: asked first, with the recovery key where this laptop's own key does not open it; what
 * became of the present file is told.
 */
import { Input, Modal } from 'antd';
import dayjs from 'dayjs';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../components/feedback/ask';
import { errorText } from '../../components/feedback/error-text';
import { showToast } from '../../components/feedback/toasts';
import { DATE_TIME } from '../../components/fields/times';
import { isComposing } from '../../components/keys';
import { queryClient } from '../../data/client';
import { showStatus } from '../../data/status';
import { showError } from '../../data/writes';
import { i18n } from '../../i18n';
import type { BackupView } from '../../transport/contract';
import { call, TransportError } from '../../transport/transport';
import { tellMovedAside } from './moved-aside';

const timeOf = (backup: BackupView) => dayjs(backup.at).format(DATE_TIME);

async function goBack(backup: BackupView, recoveryKey?: string): Promise<void> {
  const restored = await call('restore_backup', {
    name: backup.name,
    ...(recoveryKey ? { recovery_key: recoveryKey } : {}),
  });
  showStatus(restored);
  await queryClient.invalidateQueries();
  showToast({ tone: 'good', text: i18n.t('settings.data.restored', { time: timeOf(backup) }) });
  if (restored.not_backed_up) {
    const reason = errorText(new TransportError(restored.not_backed_up));
    showToast({ text: i18n.t('settings.data.notBackedUp', { reason }) });
  }
  tellMovedAside(restored);
}

export function useRestore(): { restore(backup: BackupView): void; dialog: ReactNode } {
  const { t } = useTranslation();
  const [locked, setLocked] = useState<BackupView | null>(null);
  const begin = async (backup: BackupView) => {
    const yes = await ask({
      title: t('start.state.restoreTitle', { time: timeOf(backup) }),
      text: t('start.state.restoreText'),
      ok: t('settings.data.restore'),
      danger: true,
    });
    if (!yes) return;
    try {
      await goBack(backup);
    } catch (thrown) {
      if (TransportError.from(thrown).code === 'locked') setLocked(backup);
      else showError(thrown);
    }
  };
  return {
    restore: (backup) => void begin(backup),
    dialog: locked ? <KeyDialog backup={locked} onClose={() => setLocked(null)} /> : null,
  };
}

/** A backup of another laptop, or of one whose keyring is lost, opens with its recovery key. */
function KeyDialog({ backup, onClose }: { backup: BackupView; onClose(): void }) {
  const { t } = useTranslation();
  const [key, setKey] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const open = async () => {
    if (!key.trim() || busy) return;
    setBusy(true);
    try {
      await goBack(backup, key.trim());
      onClose();
    } catch (thrown) {
      const { code } = TransportError.from(thrown);
      setProblem(code === 'locked' ? t('errors.wrong_key') : errorText(thrown));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal
      open
      width={480}
      title={t('start.state.backupLocked.title')}
      okText={t('settings.data.restore')}
      cancelText={t('common.cancel')}
      confirmLoading={busy}
      okButtonProps={{ disabled: !key.trim(), ...({ 'data-testid': 'restore-key-ok' } as object) }}
      onOk={() => void open()}
      onCancel={onClose}
    >
      <p>{t('start.state.backupLocked.text')}</p>
      <Input
        autoFocus
        value={key}
        spellCheck={false}
        autoComplete="off"
        status={problem ? 'error' : ''}
        aria-label={t('start.state.locked.field')}
        data-testid="restore-key"
        onChange={(event) => {
          setKey(event.target.value);
          setProblem(null);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !isComposing(event)) void open();
        }}
      />
      <p className="bad" role="alert">
        {problem}
      </p>
    </Modal>
  );
}
