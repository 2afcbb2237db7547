/** Draws the notices; each stays ten seconds, longer while the pointer or the focus is on it. */
import { CloseOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { undoAll } from '../../data/writes';
import { copyText } from '../../transport/platform';
import { type Toast, useToasts } from './toasts';

const STAYS = 10_000;

export function Toasts() {
  const toasts = useToasts((state) => state.toasts);
  return (
    <div className="toasts" role="status" aria-live="polite">
      {toasts.map((toast) => (
        <ToastView key={toast.id} toast={toast} />
      ))}
    </div>
  );
}

function ToastView({ toast }: { toast: Toast }) {
  const { t } = useTranslation();
  const dismiss = useToasts((state) => state.dismiss);
  const [held, setHeld] = useState(false);
  const { id, txs, action, code } = toast;

  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => dismiss(id), STAYS);
    return () => clearTimeout(timer);
  }, [held, id, dismiss]);

  return (
    <div
      className={`toast toast-${toast.tone}`}
      data-testid="toast"
      role="group"
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <span className="toast-text">{toast.text}</span>
      {code ? (
        <Button size="small" type="text" onClick={() => void copyText(code)} title={t('common.copyCode')}>
          {t('common.code', { code })}
        </Button>
      ) : null}
      {txs?.length ? (
        <Button
          size="small"
          type="link"
          data-testid="toast-undo"
          onClick={() => {
            dismiss(id);
            void undoAll(txs, toast.text);
          }}
        >
          {t('common.undo')}
        </Button>
      ) : null}
      {action ? (
        <Button
          size="small"
          type="link"
          data-testid="toast-action"
          onClick={() => {
            dismiss(id);
            action.run();
          }}
        >
          {action.label}
        </Button>
      ) : null}
      <Button
        size="small"
        type="text"
        icon={<CloseOutlined />}
        aria-label={t('common.close')}
        onClick={() => dismiss(id)}
      />
    </div>
  );
}
