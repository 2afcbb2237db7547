/** The mock's past: how records came to be what they are, as far as a page's history needs one. */
import type { HistoryEntry } from '../contract';
import { PIPELINES } from './catalog';
import { ME, type MockRecord, USERS_VIEW } from './records';

const DAY = 86_400_000;
/** Colleagues have worked on these records too. */
const authorOf = (record: MockRecord, at: number) =>
  USERS_VIEW[(record.id.length + at) % USERS_VIEW.length] ?? ME;

function entry(
  record: MockRecord,
  title: string,
  kind: string,
  at: number,
  fields: HistoryEntry['fields'],
  origin = 'form',
): HistoryEntry {
  const op = `op-${record.id}-${at}`;
  const author = authorOf(record, Math.floor(at / DAY));
  return {
    op,
    tx: `tx-${op}`,
    entity: record.entity,
    record: record.id,
    title,
    kind,
    at,
    author: author.id,
    author_name: author.name,
    origin,
    pending: false,
    fields,
  };
}

/** Changes of a generated record before the mock began, the latest first. */
export function pastOf(record: MockRecord, title: string): HistoryEntry[] {
  if (record.id.includes('-new-')) return [];
  const made = record.created_at;
  const created = entry(
    record,
    title,
    'create',
    made,
    [{ field: 'name', old: null, new: record.fields.name ?? null }],
    record.entity === 'customer' ? 'import:1' : 'form',
  );
  if (record.entity !== 'opportunity') return [created];
  const stages = PIPELINES.find((p) => p.id === record.fields.pipeline)?.stages ?? [];
  const at = stages.findIndex((s) => s.id === record.fields.stage);
  const steps = stages.slice(0, at + 1).flatMap((stage, n) => {
    const before = stages[n - 1];
    if (!before) return [];
    return entry(record, title, 'update', made + n * DAY, [
      { field: 'stage', old: before.id, new: stage.id },
      { field: 'probability', old: before.probability, new: stage.probability },
    ]);
  });
  return [...steps.reverse(), created];
}
