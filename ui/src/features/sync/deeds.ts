/** What one does with the sync itself. */
import { showToast } from '../../components/feedback/toasts';
import { queryClient } from '../../data/client';
import { showSyncStatus } from '../../data/sync';
import { showError, tried } from '../../data/writes';
import { i18n } from '../../i18n';
import { call } from '../../transport/transport';
import { thrownWords } from './words';

const lookAgain = () => void queryClient.invalidateQueries({ predicate: ({ meta }) => meta?.sync === true });

/** Trouble on the way to the server is told whole: a toast has room for what to do. */
function showTrouble(thrown: unknown): void {
  const { title, safe, todo } = thrownWords(i18n.t, thrown);
  if (!safe) showError(thrown);
  else showToast({ tone: 'bad', text: i18n.t('sync.troubleLine', { title, safe, todo }) });
}

export async function syncNow(): Promise<void> {
  try {
    await call('sync_now', {});
  } catch (thrown) {
    showTrouble(thrown);
  }
  lookAgain();
}

export async function pauseSync(paused: boolean): Promise<void> {
  const status = await tried(call('sync_pause', { paused }));
  if (status) showSyncStatus(status);
}

export async function setWeakNetwork(weak: boolean): Promise<void> {
  const status = await tried(call('sync_weak_network', { weak }));
  if (status) showSyncStatus(status);
}
