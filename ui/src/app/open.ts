/**
 * Where a record opens: an entity with a page of its own goes there, the others open their form. What was
 * opened is remembered for the palette.
 */
import { queryClient } from '../data/client';
import { updateSettings } from '../data/status';
import type { Status } from '../transport/contract';
import { editRecord } from './panels';

export interface Opened {
  entity: string;
  id: string;
}

/** Opens the page of one record. */
type PageOpener = (id: string) => void;
const pages = new Map<string, PageOpener>();
/** Entities that nobody comes back to: what was decided is over. */
const passing = new Set<string>();

/** Gives an entity a page; the router does so for the pages it has. */
export function hasPage(entity: string, open: PageOpener, kept = true): void {
  pages.set(entity, open);
  if (!kept) passing.add(entity);
}

const RECENT = 'recent';
const RECENT_KEPT = 12;

export function recentRecords(): Opened[] {
  const stored = queryClient.getQueryData<Status>(['status'])?.settings.window[RECENT];
  return Array.isArray(stored) ? (stored as Opened[]) : [];
}

function remember(entity: string, id: string): void {
  if (passing.has(entity)) return;
  const others = recentRecords().filter((one) => one.id !== id);
  // Losing a place in the list of recent records is no reason to bother anyone.
  void updateSettings({ window: { [RECENT]: [{ entity, id }, ...others].slice(0, RECENT_KEPT) } }).catch(
    () => undefined,
  );
}

export function openRecord(entity: string, id: string): void {
  remember(entity, id);
  const page = pages.get(entity);
  if (page) page(id);
  else editRecord(entity, id);
}
