/**
 * The list that a record was opened from: its neighbours are one key away, and going back finds the same row.
 */
import type { GridQuery } from '../components/grid/source';
import { call } from '../transport/transport';

interface Trail {
  query: GridQuery;
  /** The row that was opened last. */
  row: number;
  column: number;
}

const trails = new Map<string, Trail>();

/** Remembers the row from which a record is being opened. */
export function leaveList(query: GridQuery, row: number, column = 0): void {
  if (row >= 0) trails.set(query.entity, { query, row, column });
}

/** The row to go back to, where this very list was left by opening one. */
export function returnTo(query: GridQuery): { row: number; column: number } | null {
  const trail = trails.get(query.entity);
  return trail && JSON.stringify(trail.query) === JSON.stringify(query) ? trail : null;
}

export const cameFromList = (entity: string): boolean => trails.has(entity);

/** The record before or after this one in the list it was opened from; `null` at an end. */
export async function neighbour(entity: string, id: string, step: 1 | -1): Promise<string | null> {
  const trail = trails.get(entity);
  if (!trail) return null;
  const { filter, sort, search } = trail.query;
  const { view } = await call('view_open', {
    entity,
    columns: [],
    limit: 1,
    ...(filter ? { filter } : {}),
    ...(sort?.length ? { sort } : {}),
    ...(search ? { search } : {}),
  });
  try {
    // The list may have moved by a row since it was left.
    const from = Math.max(0, trail.row - 2);
    const { ids } = await call('view_ids', { view, offset: from, limit: 5 });
    const here = ids.indexOf(id);
    const row = here >= 0 ? from + here : trail.row;
    const next = row + step;
    const found = next < 0 ? undefined : (await call('view_ids', { view, offset: next, limit: 1 })).ids[0];
    if (!found) return null;
    trail.row = next;
    return found;
  } finally {
    void call('view_close', { view }).catch(() => undefined);
  }
}
