/** How far the sync is: a bar and numbers. */
import { useTranslation } from 'react-i18next';
import type { SyncProgress } from '../../transport/contract';
import { percentOf, progressWords } from './words';

export function ProgressBar({ progress }: { progress: SyncProgress }) {
  const { t } = useTranslation();
  const percent = percentOf(progress);
  return (
    <div className="sync-progress" data-testid="sync-progress">
      <p className="numeric">
        <span>{progressWords(t, progress)}</span>
        {percent === null ? null : <span>{percent}%</span>}
      </p>
      <div
        className={`sync-bar${percent === null ? ' unknown' : ''}`}
        role="progressbar"
        aria-label={t('sync.progress.label')}
        aria-valuemin={0}
        aria-valuemax={100}
        {...(percent === null ? {} : { 'aria-valuenow': percent })}
      >
        <div style={{ width: `${percent ?? 30}%` }} />
      </div>
    </div>
  );
}
