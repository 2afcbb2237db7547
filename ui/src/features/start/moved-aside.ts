/** A file that gave way to a backup or a new beginning is kept beside it; people are told where. */
import { showToast } from '../../components/feedback/toasts';
import { tried } from '../../data/writes';
import { i18n } from '../../i18n';
import type { Status } from '../../transport/contract';
import { revealFile } from '../../transport/platform';

export const revealAside = (path: string): void => void tried(revealFile(path));

export function tellMovedAside({ moved_aside: path }: Status): void {
  if (!path) return;
  showToast({
    text: i18n.t('start.movedAside', { path }),
    action: { label: i18n.t('common.showInFolder'), run: () => revealAside(path) },
  });
}
