/** Shows a recovery key once, with the ways to keep it: a file, paper, the clipboard. */
import { CopyOutlined, PrinterOutlined, SaveOutlined } from '@ant-design/icons';
import { Alert, Button, Checkbox, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usePanels } from '../../app/panels';
import { showToast } from '../../components/feedback/toasts';
import { refreshStatus } from '../../data/status';
import { tried } from '../../data/writes';
import type { SetUpDone } from '../../transport/contract';
import { copyText, pickSave } from '../../transport/platform';
import { call } from '../../transport/transport';

interface RecoveryKeyProps {
  made: SetUpDone;
  /** An earlier key is valid until this one is kept. */
  replaces?: boolean;
  onConfirmed(): void;
  onLater(): void;
}

export function RecoveryKey({ made, replaces = false, onConfirmed, onLater }: RecoveryKeyProps) {
  const { t } = useTranslation();
  const [kept, setKept] = useState(false);
  const [savedTo, setSavedTo] = useState<string | null>(null);

  const save = async () => {
    const path = await tried(
      pickSave(t('start.keyTitle'), t('start.keyFileName'), [{ name: 'TXT', extensions: ['txt'] }]),
    );
    if (path && (await tried(call('save_recovery_key', { path })))) {
      setSavedTo(path);
      setKept(true);
    }
  };
  const confirm = async () => {
    if (await tried(call('recovery_key_confirmed', {}))) onConfirmed();
  };

  return (
    <div className="recovery-key">
      <p>{t('start.keyText')}</p>
      {made.key_store === 'key_file' ? <Alert type="warning" title={t('start.keyFileNotice')} /> : null}
      <output className="recovery-key-code" data-testid="recovery-key">
        {made.recovery_key}
      </output>
      <div className="recovery-key-ways">
        <Button icon={<SaveOutlined />} onClick={() => void save()} data-testid="recovery-save">
          {t('start.keySave')}
        </Button>
        <Button icon={<PrinterOutlined />} onClick={() => window.print()}>
          {t('common.print')}
        </Button>
        <Button
          icon={<CopyOutlined />}
          onClick={() =>
            void copyText(made.recovery_key).then((done) => done && showToast({ text: t('common.copied') }))
          }
        >
          {t('common.copy')}
        </Button>
      </div>
      {replaces && !savedTo ? <p className="soft">{t('start.newKey.pending')}</p> : null}
      {savedTo ? <p className="soft">{t('start.keySaved', { path: savedTo })}</p> : null}
      <Checkbox checked={kept} onChange={({ target }) => setKept(target.checked)} data-testid="recovery-kept">
        {t('start.keyConfirm')}
      </Checkbox>
      <div className="start-foot">
        <Button type="text" onClick={onLater} data-testid="recovery-later" title={t('start.keyLaterText')}>
          {t('start.keyLater')}
        </Button>
        <Button
          type="primary"
          disabled={!kept}
          onClick={() => void confirm()}
          data-testid="recovery-continue"
        >
          {t('start.keyContinue')}
        </Button>
      </div>
      <div className="print-only">
        <h1>{t('start.keyPrintTitle')}</h1>
        <p className="recovery-key-code">{made.recovery_key}</p>
        <p>{t('start.keyPrintText')}</p>
      </div>
    </div>
  );
}

/**
 * Makes a new recovery key and shows it; from the settings and from the notice in the top bar. It asks first: the
 * key that someone may have written down stops working.
 */
export function RecoveryKeyDialog() {
  const open = usePanels((state) => state.recoveryKey);
  return open ? <NewRecoveryKey /> : null;
}

function NewRecoveryKey() {
  const { t } = useTranslation();
  const setOpen = usePanels((state) => state.setRecoveryKey);
  const [made, setMade] = useState<SetUpDone | null>(null);
  const [making, setMaking] = useState(false);
  const make = async () => {
    setMaking(true);
    setMade(await tried(call('new_recovery_key', {})));
    setMaking(false);
  };
  const close = () => {
    setOpen(false);
    if (made) void refreshStatus();
  };
  if (!made) {
    return (
      <Modal
        open
        width={440}
        title={t('start.newKey.title')}
        okText={t('start.newKey.make')}
        okButtonProps={{ danger: true, ...({ 'data-testid': 'recovery-make' } as object) }}
        confirmLoading={making}
        cancelText={t('common.cancel')}
        onOk={() => void make()}
        onCancel={close}
        data-testid="recovery-ask"
      >
        <p>{t('start.newKey.text')}</p>
      </Modal>
    );
  }
  return (
    <Modal open footer={null} onCancel={close} title={t('start.keyTitle')} mask={{ closable: false }}>
      <RecoveryKey made={made} replaces onConfirmed={close} onLater={close} />
    </Modal>
  );
}
