/** The mock's filter and order: enough of the core's meaning to try the screens. */
import type { Condition, Filter, JsonValue, Sort } from '../contract';
import type { MockRecord } from './records';

/** A field of the record, or one of the moments that every record has. */
export function heldIn(record: MockRecord, field: string): JsonValue {
  if (field === 'created_at' || field === 'updated_at' || field === 'deleted_at') return record[field];
  return record.fields[field] ?? null;
}

const scalar = (value: JsonValue | undefined): string | number | null => {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return scalar(value[0]);
  if (typeof value === 'number' || typeof value === 'string') return value;
  return value === true ? 1 : 0;
};

const compare = (a: string | number | null, b: string | number | null): number => {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), 'zh-CN');
};

function holds(record: MockRecord, { field, test, value }: Condition): boolean {
  const own = heldIn(record, field);
  const all: JsonValue[] = Array.isArray(own) ? own : [own];
  const list = Array.isArray(value) ? value : [value];
  const text = String(scalar(own) ?? '').toLowerCase();
  const wanted = String(scalar(value) ?? '').toLowerCase();
  switch (test) {
    case 'is':
      // As in the core, a province or city means all below it.
      if (field === 'region') return text.startsWith(wanted.replace(/(00){1,2}$/, ''));
      return all.includes(value);
    case 'is_not':
      return !all.includes(value);
    case 'in':
      return all.some((one) => list.includes(one));
    case 'not_in':
      return !all.some((one) => list.includes(one));
    case 'contains':
      return text.includes(wanted);
    case 'starts_with':
      return text.startsWith(wanted);
    case 'at_least':
      return own !== null && compare(scalar(own), scalar(value)) >= 0;
    case 'at_most':
      return own !== null && compare(scalar(own), scalar(value)) <= 0;
    case 'between':
      return (
        own !== null &&
        compare(scalar(own), scalar(list[0])) >= 0 &&
        compare(scalar(own), scalar(list[1])) <= 0
      );
    case 'empty':
      return own === null || own === '';
    case 'not_empty':
      return own !== null && own !== '';
  }
}

export function matches(record: MockRecord, filter: Filter | undefined): boolean {
  if (!filter) return true;
  if ('all' in filter) return filter.all.every((part) => matches(record, part));
  if ('any' in filter) return filter.any.some((part) => matches(record, part));
  return holds(record, filter.field);
}

export function ordered(records: MockRecord[], sort: Sort[] | undefined): MockRecord[] {
  if (!sort?.length) return records;
  return records.sort((a, b) => {
    for (const { field, descending } of sort) {
      const left = scalar(heldIn(a, field));
      const right = scalar(heldIn(b, field));
      const order = compare(left, right);
      // What is empty stays last in both directions.
      if (order !== 0) return descending && left !== null && right !== null ? -order : order;
    }
    return 0;
  });
}
