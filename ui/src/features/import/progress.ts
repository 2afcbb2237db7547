/** How far a run is, in words and per cent. */
import { useTranslation } from 'react-i18next';
import type { Working } from './flow';

/** Whole per cent; none while the core cannot tell how much there is. */
export function percentOf({ done, total }: Working): number | null {
  return total ? Math.min(100, Math.floor((done / total) * 100)) : null;
}

export function usePhase(working: Working | null): string {
  const { t } = useTranslation();
  if (!working) return '';
  if (working.cancelling) return t('imports.progress.cancelling');
  if (working.phase === 'reading') return t('imports.progress.reading');
  if (working.phase === 'planning') return t('imports.progress.planning');
  // Before the first row is written, what is there is backed up.
  return t(working.total === null ? 'imports.progress.backup' : 'imports.progress.applying');
}
