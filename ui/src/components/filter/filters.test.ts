import { describe, expect, it } from 'vitest';
import { listSearch } from '../../app/router';
import type { FieldDef, Filter } from '../../transport/contract';
import { ENTITIES } from '../../transport/mock/catalog';
import { begin, chipsOf, testsOf, toDraft, toFilter, unreadableIn, withoutChip } from './filters';

const level = { field: 'level', test: 'in', value: ['a', 'b'] } as const;
const name = { field: 'name', test: 'contains', value: '华科' } as const;
const big = { field: 'annual_value', test: 'at_least', value: [1_000_000, 'CNY'] } as const;
const nested = {
  all: [{ field: name }, { any: [{ field: level }, { field: big }] }],
} as unknown as Filter;

describe('filters', () => {
  it('come back from the builder as they went in', () => {
    expect(toFilter(toDraft(nested))).toEqual(nested);
    expect(toFilter(toDraft(undefined))).toBeUndefined();
  });

  it('leave out conditions that are not filled in', () => {
    const half = { join: 'all' as const, parts: [{ field: 'name', test: 'contains' as const, value: null }] };
    expect(toFilter(half)).toBeUndefined();
    const open = {
      join: 'all' as const,
      parts: [{ field: 'amount', test: 'between' as const, value: [1, null] }],
    };
    expect(toFilter(open)).toBeUndefined();
    const empty = { join: 'all' as const, parts: [{ field: 'name', test: 'empty' as const, value: null }] };
    expect(toFilter(empty)).toEqual({ field: empty.parts[0] });
  });

  it('show one chip for each topmost part and lose just the one that is removed', () => {
    expect(chipsOf(nested)).toHaveLength(2);
    expect(withoutChip(nested, 1)).toEqual({ field: name });
    expect(withoutChip({ field: name } as unknown as Filter, 0)).toBeUndefined();
  });

  it('name the condition whose value cannot be read, in a group and at an end of a range too', () => {
    const fields = ENTITIES.flatMap((entity): FieldDef[] => (entity.key === 'customer' ? entity.fields : []));
    const amount = (value: unknown) => ({
      join: 'all' as const,
      parts: [
        {
          join: 'any' as const,
          parts: [{ field: 'annual_value', test: 'between' as const, value: [[1, 'CNY'], value] }],
        },
      ],
    });
    expect(unreadableIn(amount([2, 'CNY']), fields)).toBeNull();
    expect(unreadableIn(amount('80x'), fields)).toMatchObject({
      field: { key: 'annual_value' },
      code: 'amount_format',
    });
  });

  it('offer every field of the catalog at least one test, and begin with it', () => {
    for (const field of ENTITIES.flatMap((entity): FieldDef[] => entity.fields)) {
      expect(testsOf(field).length, field.key).toBeGreaterThan(0);
      expect(begin(field).test).toBe(testsOf(field)[0]);
    }
  });
});

describe('the address of a list', () => {
  it('keeps view, filter, order and search', () => {
    const search = { view: 'v1', filter: nested, sort: [{ field: 'name', descending: true }], q: '华科' };
    expect(listSearch(search)).toEqual(search);
  });

  it('leaves out what it does not understand', () => {
    expect(listSearch({ view: 3, filter: 'x', sort: [{ nothing: 1 }], q: '', more: true })).toEqual({
      sort: [],
    });
  });
});
