/** Deciding, one card or many; each decision is a step like any other and is undone like one. */
import { showToast } from '../../components/feedback/toasts';
import { queryClient } from '../../data/client';
import { offerUndo, tried } from '../../data/writes';
import { i18n } from '../../i18n';
import type { ConflictCard, Saved, Settled } from '../../transport/contract';
import { call } from '../../transport/transport';
import { type Side, sorted } from './choices';

const lookAgain = () => queryClient.invalidateQueries({ predicate: ({ meta }) => meta?.sync === true });

/** What somebody else settled meanwhile stands as it is, and is said. */
function tell(steps: Settled[], asked: number): void {
  const before = steps.reduce((sum, { skipped }) => sum + (skipped?.length ?? 0), 0);
  if (steps.length) offerUndo(steps, i18n.t('conflicts.toast.settled', { count: asked - before }));
  if (before) showToast({ text: i18n.t('conflicts.toast.before', { count: before }) });
}

export async function settle(ids: string[], choice: Side): Promise<Saved | null> {
  const saved = await tried(call('settle_conflicts', { ids, choice }));
  if (saved) tell([saved], ids.length);
  await lookAgain();
  return saved;
}

/** All to one's own side, or all to the other one; cards without such a side stay. Says which are decided now. */
export async function settleMany(
  cards: ConflictCard[],
  whose: 'mine' | 'others',
  isMe: (id: string | null) => boolean,
): Promise<string[]> {
  const found = sorted(cards, whose, isMe);
  const steps: Settled[] = [];
  const done: string[] = [];
  for (const choice of ['yours', 'theirs'] as const) {
    const ids = found[choice];
    if (!ids.length) continue;
    const saved = await tried(call('settle_conflicts', { ids, choice }));
    if (!saved) break;
    steps.push(saved);
    done.push(...ids);
  }
  tell(steps, done.length);
  if (found.left.length) {
    showToast({ text: i18n.t('conflicts.toast.skipped', { count: found.left.length }) });
  }
  await lookAgain();
  return done;
}

/**
 * Makes one of the two customers of a card. The card's own answer keeps the one that was there first; where the other is
 * to stay they are merged the other way round, and the card is closed as one that asks for nothing more.
 */
export async function mergeTwins(card: string, first: string, kept: string, gone: string): Promise<Saved[]> {
  const settled = (choice: Side) => call('settle_conflicts', { ids: [card], choice });
  try {
    if (kept === first) return [await settled('yours')];
    const merged = await call('merge_customers', { record: kept, other: gone });
    return [merged, await settled('theirs')];
  } finally {
    await lookAgain();
  }
}
