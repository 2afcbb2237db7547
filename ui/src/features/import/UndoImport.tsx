/** Takes a whole import back, after a question: it may be many records. */
import { RollbackOutlined } from '@ant-design/icons';
import { Button, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { takeBack } from './flow';

interface UndoImportProps {
  tx: string;
  label: string;
  size?: 'small';
}

export function UndoImport({ tx, label, size }: UndoImportProps) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const undo = async () => {
    setBusy(true);
    await takeBack(tx);
    setBusy(false);
    setAsking(false);
  };
  return (
    <>
      <Button
        icon={<RollbackOutlined />}
        {...(size ? { size, type: 'text' as const } : {})}
        onClick={() => setAsking(true)}
        data-testid="import-undo"
      >
        {label}
      </Button>
      <Modal
        open={asking}
        title={t('imports.result.undoTitle')}
        okText={t('imports.result.undo')}
        okButtonProps={{ danger: true, ...({ 'data-testid': 'import-undo-confirm' } as object) }}
        cancelText={t('common.cancel')}
        confirmLoading={busy}
        onOk={() => void undo()}
        onCancel={() => setAsking(false)}
        width={440}
      >
        <p>{t('imports.result.undoText')}</p>
      </Modal>
    </>
  );
}
