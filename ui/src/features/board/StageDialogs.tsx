/** The questions that a move to another stage brings, drawn over whichever page is open. */
import { useCatalog } from '../../data/catalog';
import { LostDialog } from './LostDialog';
import { NextStepDialog } from './NextStepDialog';
import { answerLost, closeNextStep, useStageMoves } from './stage-moves';

export function StageDialogs() {
  const catalog = useCatalog();
  const { lost, next } = useStageMoves();
  return (
    <>
      {lost ? (
        <LostDialog
          title={lost.title}
          stage={catalog.name(lost.stage)}
          onCancel={() => answerLost(null)}
          onReason={answerLost}
        />
      ) : null}
      {next ? <NextStepDialog id={next.id} title={next.title} onClose={closeNextStep} /> : null}
    </>
  );
}
