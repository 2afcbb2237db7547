/**
 * Moving an opportunity to another stage, from wherever: a lost one says why first, the others offer to write
 * down the next step afterwards; each move is undone by its toast (R19).
 */
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { showToast } from '../../components/feedback/toasts';
import { useCatalog } from '../../data/catalog';
import { showError } from '../../data/writes';
import type { StageView } from '../../transport/contract';
import { call } from '../../transport/transport';
import { LostDialog } from './LostDialog';
import { NextStepDialog } from './NextStepDialog';

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

export function useStageMove(): { move(to: StageMove): void; dialogs: ReactNode } {
  const { t } = useTranslation();
  const catalog = useCatalog();
  const [lost, setLost] = useState<StageMove | null>(null);
  const [next, setNext] = useState<StageMove | null>(null);

  const save = async (to: StageMove, lostReason?: string) => {
    const takeBack = to.show?.();
    try {
      const saved = await call('move_stage', {
        id: to.id,
        stage: to.stage.id,
        ...(lostReason ? { lost_reason: lostReason } : {}),
      });
      showToast({
        tone: 'good',
        text: t('board.moved', { title: to.title, stage: catalog.name(to.stage) }),
        txs: [saved.tx],
        ...(to.stage.outcome === 'open'
          ? { action: { label: t('board.writeNextStep'), run: () => setNext(to) } }
          : {}),
      });
    } catch (thrown) {
      takeBack?.();
      showError(thrown);
    }
  };

  return {
    move(to) {
      if (to.stage.outcome === 'lost') setLost(to);
      else void save(to);
    },
    dialogs: (
      <>
        {lost ? (
          <LostDialog
            title={lost.title}
            stage={catalog.name(lost.stage)}
            onCancel={() => {
              setLost(null);
              lost.onClosed?.();
            }}
            onReason={(reason) => {
              setLost(null);
              void save(lost, reason).then(() => lost.onClosed?.());
            }}
          />
        ) : null}
        {next ? (
          <NextStepDialog
            id={next.id}
            title={next.title}
            onClose={() => {
              setNext(null);
              next.onClosed?.();
            }}
          />
        ) : null}
      </>
    ),
  };
}
