/** A run in sight: what it does, how far it is, and the way out. */
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { cancel, type Working } from './flow';
import { percentOf, usePhase } from './progress';

export function ProgressView({ working }: { working: Working }) {
  const { t } = useTranslation();
  const phase = usePhase(working);
  const percent = percentOf(working);
  const { done, total, kind, cancelling } = working;
  const applying = kind === 'applying';
  let counted = '';
  if (total !== null) counted = t('imports.progress.rowsOf', { done: Math.min(done, total), count: total });
  else if (done > 0) counted = t('imports.progress.rows', { count: done });
  return (
    <div className="import-progress" data-testid="import-progress">
      <h2 aria-live="polite">{phase}</h2>
      <div
        className={`import-bar${percent === null ? ' unknown' : ''}`}
        role="progressbar"
        aria-label={t('imports.progress.label')}
        aria-valuemin={0}
        aria-valuemax={100}
        {...(percent === null ? {} : { 'aria-valuenow': percent })}
      >
        <div style={{ width: `${percent ?? 30}%` }} />
      </div>
      <p className="import-progress-count numeric">
        <span data-testid="import-count">{counted}</span>
        <span>{percent === null ? '' : `${percent}%`}</span>
      </p>
      <p className="soft">{t(applying ? 'imports.progress.applySafe' : 'imports.progress.checkSafe')}</p>
      <p className="soft">{t('imports.progress.background')}</p>
      <Button disabled={cancelling} onClick={cancel} data-testid="import-cancel">
        {t(
          cancelling
            ? 'imports.progress.cancelling'
            : applying
              ? 'imports.progress.cancelApply'
              : 'imports.progress.cancelCheck',
        )}
      </Button>
    </div>
  );
}
