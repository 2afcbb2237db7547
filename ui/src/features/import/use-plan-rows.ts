/** Windows of the plan: only the rows in sight are asked for. */
import { useQueries } from '@tanstack/react-query';
import type { ImportRow, RowAction } from '../../transport/contract';
import { call } from '../../transport/transport';

const WINDOW = 100;

interface Asked {
  import: number;
  /** Which plan of the import; another plan has other rows. */
  plan: number;
  only: RowAction | null;
}

/** The row at a place among those asked for; undefined until it has come. */
export function usePlanRows(
  asked: Asked,
  first: number,
  last: number,
): (index: number) => ImportRow | undefined {
  const from = Math.floor(first / WINDOW);
  const to = Math.floor(last / WINDOW);
  const windows = Array.from({ length: to - from + 1 }, (_, at) => from + at);
  const answers = useQueries({
    queries: windows.map((window) => ({
      queryKey: ['import_rows', asked.import, asked.plan, asked.only, window],
      queryFn: () =>
        call('import_rows', {
          import: asked.import,
          ...(asked.only ? { only: asked.only } : {}),
          offset: window * WINDOW,
          limit: WINDOW,
        }),
    })),
  });
  return (index) => answers[Math.floor(index / WINDOW) - from]?.data?.rows[index % WINDOW];
}
