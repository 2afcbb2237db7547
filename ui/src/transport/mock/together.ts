/** The mock's cards, and what moves customers between people. */
import type { ConflictCard, ConflictField, FieldValues, Methods, Titles } from '../contract';
import { TransportError } from '../transport';
import type { Memory } from './mock';
import { ME, type MockRecord } from './records';

type Together = {
  [M in
    | 'conflicts'
    | 'settle_conflicts'
    | 'transfer_preview'
    | 'transfer'
    | 'merge_customers'
    | 'share'
    | 'older_history']: (params: Methods[M]['params']) => Methods[M]['answer'];
};

const BELOW = ['contact', 'opportunity', 'interaction', 'participation', 'reminder'];
const textOrNull = (value: unknown) => (typeof value === 'string' ? value : null);
const numberOrNull = (value: unknown) => (typeof value === 'number' ? value : null);

export function togetherMethods(memory: Memory, isOffline: () => boolean): Together {
  const settledBy = new Map<string, string>();

  const card = (record: MockRecord): ConflictCard | null => {
    const { fields } = record;
    const about = memory.records.get(String(fields.about));
    if (!about) return null;
    const customer = textOrNull(fields.customer);
    const state = String(fields.state);
    return {
      id: record.id,
      kind: String(fields.kind),
      customer,
      customer_name: customer ? String(memory.records.get(customer)?.fields.name ?? '') : '',
      entity: about.entity,
      record: about.id,
      title: memory.view(about).title,
      fields: (fields.fields as ConflictField[]).map((one) => ({
        ...one,
        current: about.fields[one.field] ?? null,
      })),
      your_author: textOrNull(fields.your_author),
      their_author: textOrNull(fields.their_author),
      your_time: numberOrNull(fields.your_time),
      their_time: numberOrNull(fields.their_time),
      state,
      mine: fields.mine === true,
      made_at: record.created_at,
      settled_by: state === 'open' ? null : (settledBy.get(record.id) ?? textOrNull(fields.settled_by)),
      decided_by: state === 'open' ? null : (textOrNull(fields.decided_by) ?? ME.id),
      decided_here: state !== 'open' && textOrNull(fields.decided_by) === null,
    };
  };
  const below = (customers: string[]) =>
    BELOW.flatMap((entity) =>
      memory.list(entity).filter(({ fields }) => customers.includes(String(fields.customer))),
    );

  /** The one that stays, the other in the bin, and what moves. */
  const merging = (
    record: string,
    other: string,
  ): { id: string; entity: string; fields: FieldValues; deleted?: boolean }[] => [
    { id: record, entity: 'customer', fields: {} },
    { id: other, entity: 'customer', fields: {}, deleted: true },
    ...below([other]).map(({ id, entity }) => ({ id, entity, fields: { customer: record } })),
  ];

  return {
    conflicts({ settled }) {
      const all = memory
        .list('conflict')
        .flatMap((record) => card(record) ?? [])
        .filter(({ state }) => settled || state === 'open')
        .sort((a, b) => b.made_at - a.made_at);
      const titles: Titles = {};
      for (const { fields, record } of all) {
        for (const id of [record, ...fields.flatMap(({ yours, theirs }) => [yours, theirs])]) {
          const known = typeof id === 'string' ? memory.records.get(id) : undefined;
          if (known) titles[known.id] = memory.view(known).title;
        }
      }
      return { cards: all, titles };
    },
    settle_conflicts({ ids, choice }) {
      const edits = ids.flatMap((id) => {
        const record = memory.records.get(id);
        const found = record ? card(record) : null;
        if (!found) return [];
        const side = choice === 'yours' ? 'yours' : 'theirs';
        const first = found.fields[0]?.theirs;
        if (found.kind === 'duplicate' && side === 'yours' && typeof first === 'string') {
          return [
            { id, entity: 'conflict', fields: { state: choice } as FieldValues },
            ...merging(first, found.record),
          ];
        }
        const isDeletion =
          (found.kind === 'deleted' && side === 'yours') || (found.kind === 'revived' && side === 'theirs');
        const values: FieldValues =
          found.kind === 'critical' || found.kind === 'proposed'
            ? Object.fromEntries(found.fields.map((field) => [field.field, field[side]]))
            : {};
        return [
          { id, entity: 'conflict', fields: { state: choice } as FieldValues },
          {
            id: found.record,
            entity: found.entity,
            fields: values,
            ...(isDeletion ? { deleted: true } : {}),
          },
        ];
      });
      if (!edits.length) throw new TransportError('nothing_selected');
      const saved = memory.write('update', 'conflict', edits);
      for (const id of ids) settledBy.set(id, saved.tx);
      return saved;
    },
    transfer_preview({ customers, to }) {
      const records = below(customers);
      const counts: Record<string, number> = {};
      for (const { entity } of records) counts[entity] = (counts[entity] ?? 0) + 1;
      return {
        customers: customers.length,
        below: counts,
        owned: (counts.opportunity ?? 0) + (counts.reminder ?? 0),
        leaves: to !== ME.id,
      };
    },
    transfer: ({ customers, to }) =>
      memory.write(
        'transfer',
        'customer',
        customers.map((id) => ({ id, fields: { owner: to } })),
      ),
    merge_customers: ({ record, other }) => memory.write('merge', 'customer', merging(record, other)),
    share() {
      if (isOffline()) throw new TransportError('sync_offline');
      return { done: true };
    },
    older_history({ id }) {
      if (isOffline()) throw new TransportError('sync_offline');
      return { added: memory.untold.delete(id) ? 1 : 0 };
    },
  };
}
