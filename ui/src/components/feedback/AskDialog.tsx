/** Draws the question that `ask` puts, over whatever else is open. */
import { Button, Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { useAsked } from './ask';

/** Above dialogs inside of drawers, which antd lifts to 1200. */
const ABOVE = 1250;

const focusButton = (testid: string): void =>
  document.querySelector<HTMLElement>(`[data-testid="${testid}"]`)?.focus();

export function AskDialog() {
  const { t } = useTranslation();
  const asked = useAsked((state) => state.asked);
  if (!asked) return null;
  const { title, text, ok, cancel, danger, before, answer } = asked;
  return (
    <Modal
      open
      zIndex={ABOVE}
      width={440}
      title={title}
      okText={ok}
      cancelText={cancel ?? t('common.cancel')}
      closable={false}
      okButtonProps={{ danger: danger ?? false, ...({ 'data-testid': 'ask-ok' } as object) }}
      cancelButtonProps={{ ...({ 'data-testid': 'ask-cancel' } as object) }}
      // Enter does the harmless thing where the other one loses something.
      afterOpenChange={(open) => open && focusButton(danger ? 'ask-cancel' : 'ask-ok')}
      footer={(buttons) => (
        <>
          {before ? (
            <Button className="ask-before" onClick={before.run} data-testid="ask-before">
              {before.label}
            </Button>
          ) : null}
          {buttons}
        </>
      )}
      onOk={() => answer(true)}
      onCancel={() => answer(false)}
      data-testid="ask"
    >
      {text ? <p>{text}</p> : null}
    </Modal>
  );
}
