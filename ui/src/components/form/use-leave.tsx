/** Leaving a form: what was typed is not thrown away without a question. */
import { Modal } from 'antd';
import { useTranslation } from 'react-i18next';

export function useLeave(dirty: boolean, close: () => void) {
  const { t } = useTranslation();
  const [modal, holder] = Modal.useModal();

  /** Closes, once a person agrees to lose what was typed, and does what comes after it. */
  const leave = (then?: () => void) => {
    const go = () => {
      close();
      then?.();
    };
    if (!dirty) {
      go();
      return;
    }
    void modal.confirm({
      title: t('fields.discardTitle'),
      okText: t('fields.discard'),
      okButtonProps: { danger: true },
      cancelText: t('fields.keepEditing'),
      onOk: go,
    });
  };
  return { leave, holder };
}
