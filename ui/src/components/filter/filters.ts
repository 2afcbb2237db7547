/** Filters as the builder edits them: one join of conditions and, one level down, groups. */
import type { Condition, FieldDef, Filter, JsonValue, Test } from '../../transport/contract';
import { isEmpty, unreadable } from '../fields/values';

export interface Draft {
  join: 'all' | 'any';
  parts: (Condition | Draft)[];
}

export const isGroup = (part: Condition | Draft): part is Draft => 'join' in part;

const TEXT: Test[] = ['contains', 'is', 'is_not', 'starts_with', 'empty', 'not_empty'];
const AMOUNT: Test[] = ['at_least', 'at_most', 'between', 'is', 'empty', 'not_empty'];
const TIME: Test[] = ['between', 'at_least', 'at_most', 'empty', 'not_empty'];
const ONE_OF: Test[] = ['in', 'not_in', 'empty', 'not_empty'];

export function testsOf(field: FieldDef): Test[] {
  switch (field.type) {
    case 'number':
    case 'percent':
    case 'money':
      return AMOUNT;
    case 'date':
    case 'instant':
      return TIME;
    case 'choice':
    case 'multi_choice':
    case 'reference':
    case 'many_reference':
      return ONE_OF;
    case 'boolean':
      return ['is'];
    case 'region':
      // A province means its cities and districts too; the core widens the code.
      return ['is', 'is_not', 'empty', 'not_empty'];
    default:
      return TEXT;
  }
}

export const takesValue = (test: Test): boolean => test !== 'empty' && test !== 'not_empty';
export const takesMany = (test: Test): boolean => test === 'in' || test === 'not_in';

export const begin = (field: FieldDef): Condition => {
  const test = testsOf(field)[0] ?? 'contains';
  return { field: field.key, test, value: field.type === 'boolean' ? true : null };
};

const complete = ({ test, value }: Condition): boolean => {
  if (!takesValue(test)) return true;
  if (test === 'between')
    return Array.isArray(value) && value.length === 2 && value.every((end) => !isEmpty(end));
  return !isEmpty(value);
};

/** The filter that a draft stands for; conditions not filled in yet are left out. */
export function toFilter(draft: Draft): Filter | undefined {
  const parts = draft.parts.flatMap((part): Filter[] => {
    if (isGroup(part)) return toFilter(part) ? [toFilter(part) as Filter] : [];
    return complete(part) ? [{ field: part }] : [];
  });
  if (parts.length === 0) return undefined;
  if (parts.length === 1 && parts[0]) return parts[0];
  return draft.join === 'all' ? { all: parts } : { any: parts };
}

/** The first condition whose value was typed but is no value of its field. */
export function unreadableIn(draft: Draft, fields: FieldDef[]): { field: FieldDef; code: string } | null {
  for (const part of draft.parts) {
    if (isGroup(part)) {
      const found = unreadableIn(part, fields);
      if (found) return found;
      continue;
    }
    const field = fields.find((one) => one.key === part.field);
    if (!field || !takesValue(part.test)) continue;
    for (const value of part.test === 'between' ? asPair(part.value) : [part.value]) {
      const code = unreadable(field, value);
      if (code) return { field, code };
    }
  }
  return null;
}

export function toDraft(filter: Filter | undefined): Draft {
  if (!filter) return { join: 'all', parts: [] };
  if ('field' in filter) return { join: 'all', parts: [filter.field] };
  const [join, parts] = 'all' in filter ? (['all', filter.all] as const) : (['any', filter.any] as const);
  return { join, parts: parts.map((part) => ('field' in part ? part.field : toDraft(part))) };
}

/** The filter's topmost parts, each of which is shown as a chip. */
export function chipsOf(filter: Filter | undefined): Filter[] {
  if (!filter) return [];
  return 'all' in filter ? filter.all : [filter];
}

export function withoutChip(filter: Filter, index: number): Filter | undefined {
  const rest = chipsOf(filter).filter((_, at) => at !== index);
  return rest.length > 1 ? { all: rest } : rest[0];
}

export const asPair = (value: JsonValue): [JsonValue, JsonValue] =>
  Array.isArray(value) ? [value[0] ?? null, value[1] ?? null] : [null, null];
