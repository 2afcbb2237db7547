/** Writes with their toasts: every one offers to undo just itself. */
import { ask } from '../components/feedback/ask';
import { errorText, unknownCode } from '../components/feedback/error-text';
import { settleToasts, showToast } from '../components/feedback/toasts';
import { i18n } from '../i18n';
import type { FieldValues, Saved, Undone, UndoStep } from '../transport/contract';
import { call, TransportError } from '../transport/transport';
import { spellStep, tellStep } from './steps';

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

/** A step of more records than this is not taken back by one stray key. */
const MANY = 20;

/** What undo or redo would do now; the deed itself tells why where the core does not answer. */
const standing = async (kind: 'undo' | 'redo'): Promise<UndoStep | null> =>
  call('undo_state', {}).then(
    (state) => state[kind],
    () => null,
  );

/** One step back, or again; one whose records left this laptop is offered no more. */
async function takeStep(kind: 'undo' | 'redo', tx: string | undefined): Promise<Undone | null> {
  try {
    return await call(kind, tx ? { tx } : {});
  } catch (thrown) {
    if (tx && TransportError.from(thrown).code === 'undo_gone') settleToasts(tx);
    showError(thrown);
    return null;
  }
}

/** What was left alone: changed again since, or not on this laptop any more. */
function spared(undone: Undone[]): string {
  const kept = undone.reduce((sum, one) => sum + one.kept.length, 0);
  const gone = undone.reduce((sum, one) => sum + (one.gone ?? 0), 0);
  return (
    (kept ? ` ${i18n.t('common.toast.kept', { count: kept })}` : '') +
    (gone ? ` ${i18n.t('common.toast.gone', { count: gone })}` : '')
  );
}

const withWhat = (kind: 'undone' | 'redone', what: string | undefined): string =>
  what ? i18n.t(`common.toast.${kind}What`, { what }) : i18n.t(`common.toast.${kind}`);

/**
 * Undoes one transaction, or the latest; what was changed again since is told. `said` names a transaction that is
 * not the latest any more.
 */
export async function undo(tx?: string, said?: string): Promise<void> {
  const latest = await standing('undo');
  const step = latest && (!tx || tx === latest.tx) ? latest : null;
  const what = step ? spellStep(step) : said;
  if (!tx && step && step.count > MANY) {
    const title = i18n.t('common.undoAsk.title', { count: step.count });
    const text = i18n.t('common.undoAsk.text', { what: what ?? '' });
    if (!(await ask({ title, text, ok: i18n.t('common.undo'), danger: true }))) return;
  }
  const of = tx ?? step?.tx;
  const undone = await takeStep('undo', of);
  if (!undone) return;
  settleToasts(undone.of);
  tellStep('undo', undone);
  showToast({
    text: withWhat('undone', what) + spared([undone]),
    action: { label: i18n.t('common.redo'), run: () => void redo(undone.tx, what) },
  });
}

/** Undoes several transactions, the last one first. */
export async function undoAll(txs: string[], said?: string): Promise<void> {
  if (txs.length === 1) return undo(txs[0], said);
  const all: Undone[] = [];
  for (const tx of [...txs].reverse()) {
    const undone = await takeStep('undo', tx);
    if (!undone) return;
    all.push(undone);
    tellStep('undo', undone);
  }
  showToast({ text: withWhat('undone', said) + spared(all) });
}

export async function redo(tx?: string, said?: string): Promise<void> {
  const latest = said ? null : await standing('redo');
  const redone = await takeStep('redo', tx);
  if (!redone) return;
  settleToasts(redone.of);
  tellStep('redo', redone);
  const what = said ?? (latest ? spellStep(latest) : undefined);
  showToast({ text: withWhat('redone', what) + spared([redone]), txs: [redone.tx] });
}
