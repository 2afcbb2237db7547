/** Draws the question that `ask` puts, over whatever else is open. */
import { Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { useAsked } from './ask';

/** Above dialogs inside of drawers, which antd lifts to 1200. */
const ABOVE = 1250;

export function AskDialog() {
  const { t } = useTranslation();
  const asked = useAsked((state) => state.asked);
  if (!asked) return null;
  const { title, text, ok, cancel, danger, answer } = asked;
  return (
    <Modal
      open
      zIndex={ABOVE}
      width={440}
      title={title}
      okText={ok}
      cancelText={cancel ?? t('common.cancel')}
      okButtonProps={{ danger: danger ?? false, ...({ 'data-testid': 'ask-ok' } as object) }}
      cancelButtonProps={{ ...({ 'data-testid': 'ask-cancel' } as object) }}
      onOk={() => answer(true)}
      onCancel={() => answer(false)}
      data-testid="ask"
    >
      {text ? <p>{text}</p> : null}
    </Modal>
  );
}
