/** Writes with their toasts: every one offers to undo just itself. */
import { errorText, unknownCode } from '../components/feedback/error-text';
import { settleToasts, showToast } from '../components/feedback/toasts';
import { i18n } from '../i18n';
import type { FieldValues, Saved } from '../transport/contract';
import { call } from '../transport/transport';

export function showError(thrown: unknown): void {
  const code = unknownCode(thrown);
  showToast({ tone: 'bad', text: errorText(thrown), ...(code ? { code } : {}) });
}

/** Runs a write and shows why where it failed; `null` then. */
export async function tried<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (thrown) {
    showError(thrown);
    return null;
  }
}

export function offerUndo(saved: Saved | Saved[], text: string): void {
  showToast({ tone: 'good', text, txs: [saved].flat().map(({ tx }) => tx) });
}

export async function updateRecord(
  entity: string,
  id: string,
  fields: FieldValues,
  title: string,
): Promise<Saved> {
  const saved = await call('update', { entity, id, fields });
  offerUndo(saved, i18n.t('common.toast.updated', { title }));
  return saved;
}

export async function addRecord(entity: string, fields: FieldValues, title: string): Promise<Saved> {
  const saved = await call('add', { entity, fields });
  offerUndo(saved, i18n.t('common.toast.added', { title }));
  return saved;
}

export async function removeRecords(entity: string, ids: string[]): Promise<Saved | null> {
  const saved = await tried(call('remove', { entity, ids }));
  if (saved) offerUndo(saved, i18n.t('common.toast.removed', { count: ids.length }));
  return saved;
}

export async function restoreRecords(entity: string, ids: string[]): Promise<Saved | null> {
  const saved = await tried(call('restore', { entity, ids }));
  if (saved) offerUndo(saved, i18n.t('common.toast.restored', { count: ids.length }));
  return saved;
}

/** Undoes one transaction, or the latest; what was changed again since is told. */
export async function undo(tx?: string): Promise<void> {
  const undone = await tried(call('undo', tx ? { tx } : {}));
  if (!undone) return;
  settleToasts(undone.of);
  const kept = undone.kept.length ? ` ${i18n.t('common.toast.kept', { count: undone.kept.length })}` : '';
  showToast({
    text: i18n.t('common.toast.undone') + kept,
    action: { label: i18n.t('common.redo'), run: () => void redo(undone.tx) },
  });
}

/** Undoes several transactions, the last one first. */
export async function undoAll(txs: string[]): Promise<void> {
  if (txs.length === 1) return undo(txs[0]);
  for (const tx of [...txs].reverse()) {
    if (!(await tried(call('undo', { tx })))) return;
  }
  showToast({ text: i18n.t('common.toast.undone') });
}

export async function redo(tx?: string): Promise<void> {
  const redone = await tried(call('redo', tx ? { tx } : {}));
  if (!redone) return;
  settleToasts(redone.of);
  showToast({ text: i18n.t('common.toast.redone'), txs: [redone.tx] });
}
