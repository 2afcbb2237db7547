/** How far somebody has come with joining; kept outside of the page, so that looking elsewhere loses nothing. */
import { create } from 'zustand';
import { holdUnsaved } from '../../../app/unsaved';
import { ask } from '../../../components/feedback/ask';
import { showToast } from '../../../components/feedback/toasts';
import { queryClient } from '../../../data/client';
import { showSyncStatus } from '../../../data/sync';
import { i18n } from '../../../i18n';
import type { InvitationView, JoinPreview } from '../../../transport/contract';
import { call } from '../../../transport/transport';

export type Step = 'invitation' | 'password' | 'preview';
export const STEPS: Step[] = ['invitation', 'password', 'preview'];

interface Flow {
  step: Step;
  /** As it was pasted. */
  text: string;
  read: InvitationView | null;
  preview: JoinPreview | null;
  /** Customers of this laptop that go into the company's own. */
  merge: ReadonlySet<string>;
  busy: boolean;
  /** What finds duplicates may have gone to the server, also where the try failed half-way. */
  compared: boolean;
  /** What the last try threw. */
  problem: unknown;
}

const BEGIN: Flow = {
  step: 'invitation',
  text: '',
  read: null,
  preview: null,
  merge: new Set(),
  busy: false,
  compared: false,
  problem: null,
};

export const useFlow = create<Flow>(() => ({ ...BEGIN }));
const set = useFlow.setState;

holdUnsaved('join', () => useFlow.getState().preview !== null);

export const typeInvitation = (text: string): void => set({ text, read: null, problem: null });

async function trying<T>(work: Promise<T>): Promise<T | null> {
  set({ busy: true, problem: null });
  try {
    return await work;
  } catch (thrown) {
    set({ problem: thrown });
    return null;
  } finally {
    set({ busy: false });
  }
}

export async function readInvitation(): Promise<void> {
  const read = await trying(call('sync_invitation', { invitation: useFlow.getState().text.trim() }));
  if (read) set({ read });
}

export const toPassword = (): void => set({ step: 'password', problem: null });

export async function enrol(password: string): Promise<void> {
  set({ compared: true });
  const preview = await trying(call('sync_enrol', { invitation: useFlow.getState().text.trim(), password }));
  if (preview) set({ preview, step: 'preview', merge: new Set() });
}

export function chooseMerge(ids: string[], merged: boolean): void {
  const merge = new Set(useFlow.getState().merge);
  for (const id of ids) {
    if (merged) merge.add(id);
    else merge.delete(id);
  }
  set({ merge });
}

export async function join(): Promise<void> {
  const status = await trying(call('sync_join', { merge: [...useFlow.getState().merge] }));
  if (!status) return;
  showSyncStatus(status);
  set({ ...BEGIN });
  // Who works here is somebody of the team from now on.
  await queryClient.invalidateQueries();
}

/** Leaves it at any step. The server hears of it only where it knew of this laptop at all. */
export async function giveUp(): Promise<void> {
  const { t } = i18n;
  const { preview, compared } = useFlow.getState();
  if (preview) {
    // An invitation is good once, and is forgotten with the rest.
    const yes = await ask({
      title: t('join.cancelAsk.title'),
      text: t('join.cancelAsk.text'),
      ok: t('join.cancelAsk.ok'),
      cancel: t('join.cancelAsk.back'),
      danger: true,
    });
    if (!yes) return;
    const status = await trying(call('sync_withdraw', {}));
    if (!status) return;
    showSyncStatus(status);
  }
  set({ ...BEGIN });
  showToast({ text: t(compared ? 'join.onlyCompared' : 'join.nothingSent') });
}
