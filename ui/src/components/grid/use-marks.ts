/** Which rows in sight the server does not have as they are here; asked in steps, so that scrolling asks rarely. */
import { useCallback, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useUnsynced } from '../../data/sync';
import type { GridSource } from './source';

const STEP = 50;

export interface Mark {
  state: string;
  label: string;
}

export function useMarks(
  source: GridSource | null,
  first: number,
  last: number,
): (id: string) => Mark | undefined {
  const { t } = useTranslation();
  const from = Math.floor(first / STEP) * STEP;
  const to = (Math.floor(last / STEP) + 1) * STEP;
  const version = source?.snapshot() ?? 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `version` stands for the rows that have come
  const ids = useMemo(() => {
    const found: string[] = [];
    for (let index = from; source && index < to; index += 1) {
      const id = source.row(index)?.id;
      if (id) found.push(id);
    }
    return found;
  }, [source, from, to, version]);
  const states = useUnsynced(ids);
  // The same objects each time: a row is drawn again only when its own mark changes.
  const marks = useMemo(
    () => ({
      waiting: { state: 'waiting', label: t('sync.mark.waiting') },
      sent: { state: 'sent', label: t('sync.mark.sent') },
    }),
    [t],
  );
  return useCallback(
    (id) => {
      const state = states[id];
      return state === undefined ? undefined : state === 'sent' ? marks.sent : marks.waiting;
    },
    [states, marks],
  );
}
