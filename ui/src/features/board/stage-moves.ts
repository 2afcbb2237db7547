/**
 * Moving an opportunity to another stage, from wherever: a lost one says why first, the others offer to write
 * down the next step afterwards; each move is undone by its toast (R19). The questions belong to the window, not to
 * the page that began the move: its toast may be answered on another one.
 */
import { create } from 'zustand';
import { showToast } from '../../components/feedback/toasts';
import { catalogNow } from '../../data/catalog';
import { showError } from '../../data/writes';
import { i18n } from '../../i18n';
import type { StageView } from '../../transport/contract';
import { call } from '../../transport/transport';

export interface StageMove {
  id: string;
  title: string;
  /** Where it goes. */
  stage: StageView;
  /** Shows the move before it is saved; the answer takes it back. */
  show?(): () => void;
  /** After a dialog of the move was closed, however. */
  onClosed?(): void;
}

interface StageMoves {
  /** Waits for its reason. */
  lost: StageMove | null;
  /** Waits for its next step. */
  next: StageMove | null;
}

export const useStageMoves = create<StageMoves>(() => ({ lost: null, next: null }));
const { setState: set, getState: now } = useStageMoves;

export function moveStage(to: StageMove): void {
  if (to.stage.outcome === 'lost') set({ lost: to });
  else void save(to);
}

async function save(to: StageMove, lostReason?: string): Promise<void> {
  const takeBack = to.show?.();
  try {
    const saved = await call('move_stage', {
      id: to.id,
      stage: to.stage.id,
      ...(lostReason ? { lost_reason: lostReason } : {}),
    });
    showToast({
      tone: 'good',
      text: i18n.t('board.moved', { title: to.title, stage: catalogNow()?.name(to.stage) ?? to.stage.name }),
      txs: [saved.tx],
      ...(to.stage.outcome === 'open'
        ? { action: { label: i18n.t('board.writeNextStep'), run: () => set({ next: to }) } }
        : {}),
    });
  } catch (thrown) {
    takeBack?.();
    showError(thrown);
  }
}

/** Answers why it was lost; without a reason it stays where it is. */
export function answerLost(reason: string | null): void {
  const { lost } = now();
  set({ lost: null });
  if (!lost) return;
  if (reason) void save(lost, reason).then(() => lost.onClosed?.());
  else lost.onClosed?.();
}

export function closeNextStep(): void {
  const { next } = now();
  set({ next: null });
  next?.onClosed?.();
}
