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
}

export const useRecentImports = (): RecentImport[] => useWindowSetting(KEY, NONE)[0];

function change(edit: (imports: RecentImport[]) => RecentImport[]): void {
  const stored = queryClient.getQueryData<Status>(['status'])?.settings.window[KEY];
  const imports = Array.isArray(stored) ? (stored as RecentImport[]) : NONE;
  // A list for convenience: the import itself stands in the history.
  void updateSettings({ window: { [KEY]: edit(imports).slice(0, KEPT) } }).catch(() => undefined);
}

export function rememberImport(file: string, at: number, result: Imported): void {
  const { tx, created, updated, skipped, failed } = result;
  change((imports) => [{ file, at, tx, created, updated, skipped, failed }, ...imports]);
}

export function markUndone(tx: string, undone: boolean): void {
  change((imports) => imports.map((one) => (one.tx === tx ? { ...one, undone } : one)));
}
