/** Ending the program: at once where nothing would be lost, otherwise after a question. */
import { ask } from '../components/feedback/ask';
import { i18n } from '../i18n';
import { quit } from '../transport/platform';
import { subscribe } from '../transport/transport';
import { isUnsaved } from './unsaved';

async function mayQuit(): Promise<boolean> {
  if (!isUnsaved()) return true;
  return ask({
    title: i18n.t('common.quitAsk.title'),
    text: i18n.t('common.quitAsk.text'),
    ok: i18n.t('common.quitAsk.ok'),
    cancel: i18n.t('fields.keepEditing'),
    danger: true,
  });
}

/** Listens for as long as the window is there; the answer stops it. */
export const followQuit = (): (() => void) =>
  subscribe((event) => {
    if (event.type !== 'quit_asked') return;
    void mayQuit().then((yes) => (yes ? quit() : undefined));
  });
