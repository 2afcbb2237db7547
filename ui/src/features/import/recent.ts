/** The last imports of this laptop, kept so that one can still be taken back tomorrow. */
import { queryClient } from '../../data/client';
import { updateSettings, useWindowSetting } from '../../data/status';
import type { Imported, Status } from '../../transport/contract';

const KEY = 'imports.recent';
const KEPT = 4;
const NONE: RecentImport[] = [];

export interface RecentImport {
  file: string;
  at: number;
  /** Absent where nothing was written. */
  tx: string | null;
  created: number;
  updated: number;
  skipped: number;
  failed: number;
  undone?: boolean;
  /** The step that took it back; doing that again brings the import back. */
  undoneBy?: string;
}

export const useRecentImports = (): RecentImport[] => useWindowSetting(KEY, NONE)[0];

function change(edit: (imports: RecentImport[]) => RecentImport[]): void {
  const stored = queryClient.getQueryData<Status>(['status'])?.settings.window[KEY];
  const imports = Array.isArray(stored) ? (stored as RecentImport[]) : NONE;
  const edited = edit(imports);
  // Most steps are about no import at all.
  if (edited.every((one, at) => one === imports[at])) return;
  // A list for convenience: the import itself stands in the history.
  void updateSettings({ window: { [KEY]: edited.slice(0, KEPT) } }).catch(() => undefined);
}

export function rememberImport(file: string, at: number, result: Imported): void {
  const { tx, created, updated, skipped, failed } = result;
  change((imports) => [{ file, at, tx, created, updated, skipped, failed }, ...imports]);
}

export function markUndone(tx: string, undoneBy: string): void {
  change((imports) => imports.map((one) => (one.tx === tx ? { ...one, undone: true, undoneBy } : one)));
}

/** Brought back by another step, which is the one to take back from now on. */
export function markRedone(undoneBy: string, tx: string): void {
  change((imports) =>
    imports.map((one) => {
      if (one.undoneBy !== undoneBy) return one;
      const { undone: _, undoneBy: __, ...rest } = one;
      return { ...rest, tx };
    }),
  );
}
