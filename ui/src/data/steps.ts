/** Steps of the log as undo and redo go through them: what each did, in words, and who hears that it was taken back. */
import { i18n, type TFunction } from '../i18n';
import type { Undone, UndoStep } from '../transport/contract';
import { type CatalogIndex, catalogNow } from './catalog';

const ACTIONS = ['add', 'update', 'remove', 'restore', 'transfer', 'merge', 'split', 'settle'] as const;

/** Deeds that the core names after themselves; to people they are one of the plain ones. */
const DEEDS: Record<string, (typeof ACTIONS)[number]> = {
  retry: 'update',
  log_interaction: 'add',
  move_stage: 'update',
};

/** 修改 客户「华科」, 删除 12 条客户; what was done again or by an unknown deed goes by its records alone. */
export function stepWords(t: TFunction, catalog: CatalogIndex | null, step: UndoStep): string {
  const { action, count, title } = step;
  const entity = catalog?.has(step.entity) ? catalog.entityLabel(step.entity) : step.entity;
  if (action === 'import') return t('common.undoStep.import', { count, entity });
  const known = DEEDS[action] ?? ACTIONS.find((one) => one === action) ?? 'other';
  return count === 1 && title
    ? t(`common.undoStep.${known}`, { entity, title })
    : t(`common.undoStep.${known}Many`, { count, entity });
}

/** The same where no component is at hand. */
export const spellStep = (step: UndoStep): string => stepWords(i18n.t, catalogNow(), step);

type Follower = (kind: 'undo' | 'redo', answer: Undone) => void;
const followers = new Set<Follower>();

/** For who keeps a state of their own about a step, from wherever it is taken back or done again. */
export function followSteps(follower: Follower): () => void {
  followers.add(follower);
  return () => void followers.delete(follower);
}

export const tellStep: Follower = (kind, answer) => {
  for (const follower of [...followers]) follower(kind, answer);
};
