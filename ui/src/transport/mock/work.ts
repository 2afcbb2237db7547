/** The mock's working day: customer page, timeline, board, interactions and reminders. */
import type { DueReminder, JsonValue, Methods } from '../contract';
import { TransportError } from '../transport';
import { PIPELINES } from './catalog';
import { matches, ordered } from './filter';
import type { Memory } from './mock';
import type { MockRecord } from './records';

const DAY = 86_400_000;
const amount = (value: JsonValue | undefined) => (Array.isArray(value) ? Number(value[0]) : 0);
const pad = (n: number) => String(n).padStart(2, '0');

type Work = {
  [M in
    | 'customer_page'
    | 'timeline'
    | 'board'
    | 'move_stage'
    | 'log_interaction'
    | 'reminders'
    | 'complete_reminder'
    | 'snooze_reminder'
    | 'restore_value'
    | 'parse_when']: (params: Methods[M]['params']) => Methods[M]['answer'];
};

function parseWhen(text: string, now: number): Methods['parse_when']['answer'] {
  const [first = '', second] = text.trim().split(/\s+/);
  const today = new Date(now);
  const relative: Record<string, number> = {
    今天: 0,
    today: 0,
    明天: 1,
    tomorrow: 1,
    后天: 2,
    昨天: -1,
    yesterday: -1,
  };
  const iso = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/.exec(first);
  const plus = /^\+(\d+)d$/.exec(first);
  const short = /^(\d{2})(\d{2})$/.exec(first);
  let day: Date;
  if (iso) day = new Date(Number(iso[1]), Number(iso[2]) - 1, Number(iso[3]));
  else if (plus) day = new Date(now + Number(plus[1]) * DAY);
  else if (short) day = new Date(today.getFullYear(), Number(short[1]) - 1, Number(short[2]));
  else if (first === '下周一') day = new Date(now + ((8 - today.getDay()) % 7 || 7) * DAY);
  else if (first in relative) day = new Date(now + (relative[first] ?? 0) * DAY);
  else throw new TransportError('date_format', { text });
  const time = second && /^\d{1,2}:\d{2}$/.test(second) ? second.padStart(5, '0') : null;
  const [hour, minute] = (time ?? '09:00').split(':').map(Number);
  day.setHours(hour ?? 9, minute ?? 0, 0, 0);
  return {
    date: `${day.getFullYear()}-${pad(day.getMonth() + 1)}-${pad(day.getDate())}`,
    time,
    instant: day.getTime(),
    workday: ![0, 6].includes(day.getDay()),
  };
}

export function workMethods(memory: Memory): Work {
  const of = (entity: string, customer: string) =>
    memory.list(entity).filter((r) => r.fields.customer === customer);
  const isOpen = (r: MockRecord) =>
    PIPELINES.flatMap((p) => p.stages).find((s) => s.id === r.fields.stage)?.outcome === 'open';
  const found = (id: string) => {
    const record = memory.records.get(id);
    if (!record) throw new TransportError('not_found');
    return record;
  };
  return {
    parse_when: ({ text }) => parseWhen(text, memory.now()),
    customer_page({ id }) {
      const customer = found(id);
      const talks = of('interaction', id);
      const deals = of('opportunity', id);
      const reminders = of('reminder', id).filter((r) => !r.fields.done_at);
      const contacts = of('contact', id);
      return {
        customer: memory.view(customer),
        contacts: contacts.map(memory.view),
        opportunities: deals.map(memory.view),
        participations: of('participation', id).map(memory.view),
        reminders: reminders
          .sort((a, b) => Number(a.fields.due_at) - Number(b.fields.due_at))
          .map(memory.view),
        interaction_count: talks.length,
        last_interaction_at: talks.length
          ? Math.max(...talks.map((r) => Number(r.fields.occurred_at)))
          : null,
        open_amount: deals.filter(isOpen).reduce((sum, r) => sum + amount(r.fields.amount), 0),
        titles: memory.titles([customer, ...contacts, ...deals, ...reminders, ...of('participation', id)]),
      };
    },
    timeline({ customer, before, limit, only }) {
      const talks = of('interaction', customer);
      const entries: Methods['timeline']['answer']['entries'] = talks.map((r) => ({
        type: 'interaction',
        at: Number(r.fields.occurred_at),
        record: memory.view(r),
      }));
      const root = found(customer);
      const below = ['contact', 'opportunity', 'participation'].flatMap((entity) => of(entity, customer));
      for (const { id } of [root, ...below]) {
        for (const change of memory.changes(id)) entries.push({ type: 'change', at: change.at, change });
      }
      const wanted = entries
        .filter(
          (e) =>
            (before === undefined || e.at < before) &&
            (!only || (only === 'changes') === (e.type === 'change')),
        )
        .sort((a, b) => b.at - a.at);
      const page = wanted.slice(0, limit);
      return {
        entries: page,
        next: wanted.length > limit ? (page.at(-1)?.at ?? null) : null,
        older: wanted.length <= limit && only !== 'interactions' && memory.untold.has(customer),
        titles: memory.titles(talks),
      };
    },
    board({ pipeline, filter, cards }) {
      const deals = memory
        .list('opportunity')
        .filter((r) => r.fields.pipeline === pipeline && matches(r, filter));
      return {
        titles: memory.titles(deals),
        columns: (PIPELINES.find((p) => p.id === pipeline)?.stages ?? []).map((stage) => {
          const here = ordered(
            deals.filter((r) => r.fields.stage === stage.id),
            [{ field: 'expected_close', descending: false }],
          );
          const sum = here.reduce((total, r) => total + amount(r.fields.amount), 0);
          return {
            stage: stage.id,
            name: stage.name,
            name_en: stage.name_en,
            probability: stage.probability,
            outcome: stage.outcome,
            count: here.length,
            sum,
            weighted: Math.round((sum * stage.probability) / 100),
            cards: here.slice(0, cards).map((r, n) => ({
              record: memory.view(r),
              days_in_stage: (n * 7) % 41,
              next_reminder_at: n % 2 ? memory.now() + DAY : null,
            })),
          };
        }),
      };
    },
    move_stage({ id, stage, next_step, lost_reason }) {
      const to = PIPELINES.flatMap((p) => p.stages).find((s) => s.id === stage);
      if (to?.outcome === 'lost' && !lost_reason) {
        throw new TransportError('invalid', {}, 'lost_reason', [
          { field: 'lost_reason', code: 'required', params: {} },
        ]);
      }
      return memory.write('update', 'opportunity', [
        {
          id,
          fields: {
            stage,
            probability: to?.probability ?? null,
            ...(next_step === undefined ? {} : { next_step }),
            ...(lost_reason === undefined ? {} : { lost_reason }),
          },
        },
      ]);
    },
    log_interaction({ fields, follow_up, answers }) {
      if (!fields.summary) {
        throw new TransportError('invalid', {}, 'summary', [
          { field: 'summary', code: 'required', params: {} },
        ]);
      }
      const id = memory.newId('interaction');
      return memory.write('add', 'interaction', [
        { id, fields },
        ...(follow_up
          ? [
              {
                id: memory.newId('reminder'),
                entity: 'reminder',
                fields: { ...follow_up, customer: fields.customer ?? null, interaction: id, done_at: null },
              },
            ]
          : []),
        ...(answers
          ? [{ id: answers, entity: 'reminder', fields: { done_at: memory.now(), outcome: id } }]
          : []),
      ]);
    },
    reminders({ bucket, limit }) {
      const midnight = new Date(memory.now());
      midnight.setHours(0, 0, 0, 0);
      const today = midnight.getTime();
      const place = (r: MockRecord) => {
        const due = Number(r.fields.due_at);
        if (r.fields.done_at) return 'done';
        if (due < memory.now()) return 'overdue';
        return due < today + DAY ? 'today' : 'future';
      };
      const all = memory.list('reminder').sort((a, b) => Number(a.fields.due_at) - Number(b.fields.due_at));
      const count = (name: string) => all.filter((r) => place(r) === name).length;
      const items = all.filter((r) => place(r) === bucket).slice(0, limit);
      return {
        items: items.map(memory.view),
        counts: { overdue: count('overdue'), today: count('today'), future: count('future') },
        titles: memory.titles(items),
      };
    },
    restore_value({ entity, id, op, field }) {
      const change = memory.changes(id).find((one) => one.op === op);
      const old = change?.fields.find((one) => one.field === field)?.old ?? null;
      return memory.write('update', entity, [{ id, fields: { [field]: old } }]);
    },
    complete_reminder: ({ id }) =>
      memory.write('update', 'reminder', [{ id, fields: { done_at: memory.now() } }]),
    snooze_reminder({ id, until }) {
      const [kind, value] = until.split(':');
      const ahead: Record<string, number> = {
        minutes: Number(value) * 60_000,
        hours: Number(value) * 3_600_000,
        tomorrow: DAY,
        next_workday: DAY,
      };
      const due_at = kind === 'at' ? Number(value) : memory.now() + (ahead[kind ?? ''] ?? DAY);
      return memory.write('update', 'reminder', [{ id, fields: { due_at } }]);
    },
  };
}

/** What the core told of before the window listened: the missed ones, and one that is due now. */
export function comingDue(memory: Memory): Methods['told_reminders']['answer'] {
  const told = memory
    .list('reminder')
    .filter((r) => !r.fields.done_at)
    .sort((a, b) => Number(a.fields.due_at) - Number(b.fields.due_at))
    .map((r): DueReminder => {
      const customer = typeof r.fields.customer === 'string' ? r.fields.customer : null;
      return {
        id: r.id,
        title: String(r.fields.title),
        customer,
        customer_name: customer ? (memory.titles([r])[customer] ?? null) : null,
        due_at: Number(r.fields.due_at),
      };
    });
  const late = told.filter(({ due_at }) => due_at < memory.now());
  return { missed: late.slice(0, 5), due: told.slice(late.length, late.length + 1) };
}
