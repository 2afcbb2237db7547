/** What the board shows of its pipeline, as its address says it and as the core is asked. */
import { HOME_CURRENCY } from '../../components/fields/amounts';
import type { Filter } from '../../transport/contract';

export interface BoardSearch {
  pipeline?: string;
  owner?: string;
  /** Minor units of the home currency. */
  min?: number;
  q?: string;
}

/** Reads the board's address; what it does not understand is left out. */
export function boardSearch(raw: Record<string, unknown>): BoardSearch {
  const search: BoardSearch = {};
  for (const key of ['pipeline', 'owner', 'q'] as const) {
    if (typeof raw[key] === 'string' && raw[key]) search[key] = raw[key];
  }
  if (typeof raw.min === 'number' && raw.min > 0) search.min = raw.min;
  return search;
}

export function boardFilter({ owner, min, q }: BoardSearch): Filter | undefined {
  const parts: Filter[] = [];
  if (owner) parts.push({ field: { field: 'owner', test: 'is', value: owner } });
  if (min) parts.push({ field: { field: 'amount', test: 'at_least', value: [min, HOME_CURRENCY] } });
  if (q) parts.push({ field: { field: 'name', test: 'contains', value: q } });
  return parts.length > 1 ? { all: parts } : parts[0];
}

/** The same records as a list: one stage, with what the board is filtered by. */
export function stageFilter(search: BoardSearch, stage: string): Filter {
  const own: Filter = { field: { field: 'stage', test: 'in', value: [stage] } };
  const rest = boardFilter(search);
  if (!rest) return own;
  return { all: [own, ...('all' in rest ? rest.all : [rest])] };
}
