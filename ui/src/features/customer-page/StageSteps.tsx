/** The stages of an opportunity's pipeline as steps; a click or Enter on one moves it there (R19). */
import { useTranslation } from 'react-i18next';
import { useCatalog } from '../../data/catalog';
import type { RecordView } from '../../transport/contract';
import { moveStage } from '../board/stage-moves';
import { useReadOnly } from './read-only';

export function StageSteps({ opportunity }: { opportunity: RecordView }) {
  const { t } = useTranslation();
  const catalog = useCatalog();
  const readOnly = useReadOnly();
  const current = catalog.stage(String(opportunity.fields.stage));
  const pipeline = catalog.pipelines.find(
    (one) => one.id === (current?.pipeline ?? opportunity.fields.pipeline),
  );
  if (!pipeline) return null;
  const at = pipeline.stages.findIndex((stage) => stage.id === current?.id);
  return (
    <ol className="stage-steps" aria-label={t('customerPage.record.stage')} data-testid="stage-steps">
      {pipeline.stages.map((stage, n) => {
        const name = catalog.name(stage);
        const here = stage.id === current?.id;
        const passed = current?.outcome === 'open' && stage.outcome === 'open' && n < at;
        return (
          <li key={stage.id}>
            <button
              type="button"
              className={`stage-step stage-${stage.outcome}${here ? ' here' : ''}${passed ? ' passed' : ''}`}
              aria-current={here ? 'step' : undefined}
              title={here ? name : t('customerPage.record.moveTo', { stage: name })}
              data-testid={`stage-step-${n}`}
              disabled={readOnly}
              onClick={() => !here && moveStage({ id: opportunity.id, title: opportunity.title, stage })}
            >
              {name}
            </button>
          </li>
        );
      })}
    </ol>
  );
}
