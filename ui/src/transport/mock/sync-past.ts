/** What happened between the mock's laptop and its server before the window opened. */
import type {
  AttentionItem,
  FieldChange,
  FieldValues,
  JsonValue,
  OutboxLine,
  SyncLogEntry,
} from '../contract';
import type { Memory } from './mock';
import { ME, type MockRecord, USERS_VIEW } from './records';

const MINUTE = 60_000;
const OTHER = USERS_VIEW[1]?.id ?? ME.id;
const THIRD = USERS_VIEW[2]?.id ?? ME.id;

const title = ({ fields }: MockRecord) =>
  String(fields.name ?? fields.title ?? fields.summary ?? '').slice(0, 60);
const change = (field: string, old: JsonValue, next: JsonValue): FieldChange => ({ field, old, new: next });

export function outboxLines(memory: Memory, now: number): OutboxLine[] {
  const lines: OutboxLine[] = [];
  const add = (
    record: MockRecord | undefined,
    minutes: number,
    kind: string,
    rest: Partial<OutboxLine> = {},
  ) => {
    if (!record) return;
    const op = `op-past-${lines.length}`;
    lines.push({
      op,
      tx: `tx-${op}`,
      entity: record.entity,
      record: record.id,
      title: title(record),
      kind,
      origin: 'form',
      at: now - minutes * MINUTE,
      state: 'waiting',
      fields: [],
      count: 1,
      ...rest,
    });
  };
  const [first, second, third] = memory.list('opportunity');
  const customers = memory.list('customer');
  const stage = String(first?.fields.stage ?? '');
  add(customers[0], 1, 'update', {
    state: 'sent',
    fields: [change('phone', customers[0]?.fields.phone ?? null, '0755-26758899')],
  });
  add(first, 118, 'update', {
    fields: [
      change('stage', stage.replace(/\d$/, '1'), stage.replace(/\d$/, '2')),
      change('probability', 25, 50),
      change('next_step', null, '提交报价'),
    ],
  });
  add(second, 125, 'update', {
    fields: [change('amount', [180_000_000, 'CNY'], second?.fields.amount ?? null)],
  });
  add(memory.list('interaction')[0], 140, 'create');
  add(customers[3], 160, 'update', {
    fields: [
      change('level', 'option-customer.level-2', 'option-customer.level-0'),
      change('note', null, '客户要求月底前给出框架协议草案，采购与法务都要看过。'),
    ],
  });
  add(memory.list('reminder')[0], 190, 'create');
  add(memory.list('contact')[2], 210, 'delete');
  add(customers[5], 260, 'transfer', { fields: [change('owner', ME.id, OTHER)] });
  add(third, 300, 'update', { fields: [change('expected_close', '2026-11-30', '2026-12-18')] });
  add(customers[8], 330, 'create', { origin: 'import:7', count: 1200 });
  return lines;
}

export function attentionItems(memory: Memory, now: number): AttentionItem[] {
  const customers = memory.list('customer');
  const [deal, another] = memory.list('opportunity');
  const items: AttentionItem[] = [];
  const add = (record: MockRecord | undefined, minutes: number, rest: Partial<AttentionItem>) => {
    if (!record) return;
    items.push({
      op: `op-attention-${items.length}`,
      entity: record.entity,
      record: record.id,
      title: title(record),
      kind: 'update',
      at: now - minutes * MINUTE,
      outcome: 'rejected',
      code: null,
      field: null,
      to: null,
      fields: [],
      can_retry: false,
      count: 1,
      ...rest,
    });
  };
  add(customers[2], 35, {
    code: 'invalid',
    field: 'uscc',
    fields: [change('uscc', null, '91440300MA5DA1234X')],
  });
  add(deal, 42, {
    code: 'forbidden',
    can_retry: true,
    fields: [
      change(
        'next_step',
        null,
        '与设计院确认防护等级，周五前给出检测报告；同时请技术部评估 IP67 方案的增项费用。',
      ),
    ],
  });
  for (const [record, fields] of [
    [
      customers[6],
      [
        change('phone', null, '0755-83336655'),
        change('level', 'option-customer.level-2', 'option-customer.level-1'),
      ],
    ],
    [another, [change('amount', [90_000_000, 'CNY'], [126_000_000, 'CNY'])]],
  ] as const) {
    add(record, 90, { outcome: 'handed_over', to: THIRD, fields: [...fields], count: fields.length });
  }
  return items;
}

export function logEntries(now: number): SyncLogEntry[] {
  const at = (minutes: number, code: string, params: Record<string, string> = {}) => ({
    at: now - minutes * MINUTE,
    code,
    params,
  });
  return [
    at(2, 'synced', { sent: '3', received: '14', purged: '0' }),
    at(31, 'repaired'),
    at(90, 'handed_over', { to: THIRD, count: '3' }),
    at(91, 'rejected', { count: '2' }),
    at(92, 'lost', { count: '1' }),
    at(92, 'merged', { count: '4' }),
    at(140, 'failed', { code: 'offline' }),
    at(171, 'failed', { code: 'portal' }),
    at(186, 'resumed'),
    at(244, 'paused'),
    at(26 * 60, 'synced', { sent: '0', received: '6', purged: '18' }),
    at(27 * 60, 'synced', { sent: '1284', received: '0' }),
    at(27 * 60 + 3, 'joined'),
  ];
}

/** Cards are records, so that undo knows them. */
export function putCards(memory: Memory, now: number): void {
  const customers = memory.list('customer');
  const deals = memory.list('opportunity');
  const contacts = memory.list('contact');
  const put = (kind: string, about: MockRecord | undefined, minutes: number, fields: FieldValues) => {
    if (!about) return;
    const id = `conflict-${kind}-${about.id}`;
    memory.records.set(id, {
      entity: 'conflict',
      id,
      fields: {
        kind,
        customer: about.entity === 'customer' ? about.id : (about.fields.customer ?? null),
        about: about.id,
        state: 'open',
        mine: true,
        your_author: ME.id,
        their_author: OTHER,
        your_time: now - minutes * MINUTE,
        their_time: now - (minutes + 47) * MINUTE,
        ...fields,
      },
      created_at: now - (minutes - 5) * MINUTE,
      updated_at: now,
      deleted_at: null,
    });
  };
  const field = (key: string, base: JsonValue, yours: JsonValue, theirs: JsonValue) => ({
    field: key,
    base,
    yours,
    theirs,
  });
  const stage = String(deals[1]?.fields.stage ?? '');
  put('critical', deals[1], 20, {
    fields: [
      field('amount', [120_000_000, 'CNY'], deals[1]?.fields.amount ?? null, [118_000_000, 'CNY']),
      field('stage', stage.replace(/\d$/, '0'), stage, stage.replace(/\d$/, '2')),
    ],
  });
  put('critical', deals[2], 65, {
    fields: [field('expected_close', '2026-11-30', deals[2]?.fields.expected_close ?? null, '2027-01-15')],
  });
  put('proposed', customers[3], 95, {
    your_author: THIRD,
    their_author: ME.id,
    fields: [field('phone', '0755-26001122', '0755-26758899', customers[3]?.fields.phone ?? null)],
  });
  put('deleted', contacts[4], 130, { fields: [] });
  put('revived', deals[4], 180, {
    your_author: OTHER,
    their_author: ME.id,
    fields: [],
  });
  put('duplicate', customers[4], 240, {
    fields: [field('uscc', null, customers[4]?.id ?? null, customers[7]?.id ?? null)],
  });
  put('critical', deals[5], 600, {
    mine: false,
    your_author: OTHER,
    their_author: THIRD,
    fields: [field('amount', null, [45_000_000, 'CNY'], [52_000_000, 'CNY'])],
  });
  put('critical', deals[6], 26 * 60, {
    state: 'theirs',
    settled_by: 'tx-past-settled',
    fields: [field('expected_close', '2026-10-30', '2026-11-12', '2026-11-20')],
  });
  put('critical', deals[7], 30 * 60, {
    state: 'yours',
    mine: false,
    decided_by: OTHER,
    fields: [field('expected_close', '2026-10-30', '2026-11-12', '2026-11-20')],
  });
}
