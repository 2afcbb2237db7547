/**
 * A core in memory, for component tests and for working on the screens. It keeps the contract's
 * shapes and the plain cases of its meaning; what the real core decides is tested there.
 */

import type {
  Event,
  FieldChange,
  FieldValues,
  Filter,
  HistoryEntry,
  JsonValue,
  Methods,
  RecordView,
  Row,
  Saved,
  Settings,
  Sort,
  Status,
  Titles,
  Window,
} from '../contract';
import type { AnyEvent, Listener, Wire } from '../transport';
import { TransportError } from '../transport';
import { catalogView, ENTITIES } from './catalog';
import { heldIn, matches, ordered } from './filter';
import { cannedImport } from './imports';
import { DEFAULT_SETTINGS, type MockOptions, optionsFromAddress } from './options';
import { pastOf } from './past';
import { generate, ME, type MockRecord, USERS_VIEW } from './records';
import { syncMethods } from './sync';
import { comingDue, workMethods } from './work';

type Handlers = {
  [M in keyof Methods]?: (
    params: Methods[M]['params'],
  ) => Methods[M]['answer'] | Promise<Methods[M]['answer']>;
};

interface Step {
  tx: string;
  action: string;
  entity: string;
  changes: { id: string; entity: string; before: MockRecord | null; after: MockRecord | null }[];
}

/** One record of a step, for who follows what is written. */
export interface Written {
  id: string;
  entity: string;
  title: string;
  kind: string;
  tx: string;
  fields: FieldChange[];
}

/** What the parts of the mock share. */
export interface Memory {
  records: Map<string, MockRecord>;
  now(): number;
  list(entity: string): MockRecord[];
  view(record: MockRecord): RecordView;
  titles(records: MockRecord[]): Titles;
  write(
    action: string,
    entity: string,
    edits: { id: string; fields: FieldValues; entity?: string; deleted?: boolean }[],
  ): Saved;
  newId(entity: string): string;
  /** What was done to a record, the latest first. */
  changes(id: string): HistoryEntry[];
  /** Records whose making only the server can tell of, until it is asked. */
  untold: Set<string>;
  emit(event: Event): void;
  onWrite(hear: (written: Written[]) => void): void;
}

export function mockWire(options: MockOptions = optionsFromAddress()): Wire {
  const start = options.now ?? Date.now();
  const records =
    options.state?.name === 'first_run' ? generate(0, start) : generate(options.customers ?? 1200, start);
  const listeners = new Set<Listener>();
  const views = new Map<number, string[]>();
  const steps: Step[] = [];
  const undone: Step[] = [];
  const followers: ((written: Written[]) => void)[] = [];
  let serial = 0;
  let state: Status['state'] = options.state ?? { name: 'ready' };
  let settings: Settings = { ...DEFAULT_SETTINGS, ...options.settings };
  let confirmed = state.name !== 'first_run';
  let userName = ME.name;

  const emit = (event: AnyEvent) => {
    queueMicrotask(() => {
      for (const listener of [...listeners]) listener(event);
    });
  };
  const titleOf = (record: MockRecord) => {
    const def = ENTITIES.find((e) => e.key === record.entity);
    return String(record.fields[def?.title ?? 'name'] ?? '');
  };
  const memory: Memory = {
    records,
    now: () => Date.now(),
    list: (entity) => [...records.values()].filter((r) => r.entity === entity && r.deleted_at === null),
    titles(of) {
      const titles: Titles = {};
      const add = (id: JsonValue | undefined) => {
        const known = typeof id === 'string' ? records.get(id) : undefined;
        if (known && known.entity !== 'option') titles[known.id] = titleOf(known);
      };
      for (const record of of) {
        for (const value of Object.values(record.fields)) {
          if (Array.isArray(value)) value.forEach(add);
          else add(value);
        }
      }
      return titles;
    },
    view: (record) => ({
      entity: record.entity,
      id: record.id,
      title: titleOf(record),
      fields: { ...record.fields },
      created_at: record.created_at,
      created_by: ME.id,
      updated_at: record.updated_at,
      updated_by: ME.id,
      deleted_at: record.deleted_at,
      pending: false,
      titles: memory.titles([record]),
    }),
    write(action, entity, edits) {
      const at = memory.now();
      serial += 1;
      const step: Step = { tx: `tx-${serial}`, action, entity, changes: [] };
      for (const edit of edits) {
        const before = records.get(edit.id) ?? null;
        const after: MockRecord = {
          entity: edit.entity ?? entity,
          id: edit.id,
          fields: { ...before?.fields, ...edit.fields },
          created_at: before?.created_at ?? at,
          updated_at: at,
          deleted_at: edit.deleted === undefined ? (before?.deleted_at ?? null) : edit.deleted ? at : null,
        };
        records.set(edit.id, after);
        step.changes.push({ id: edit.id, entity: after.entity, before, after });
      }
      steps.push(step);
      undone.length = 0;
      tell(step);
      for (const hear of followers) hear(step.changes.map((one) => written(step, one)));
      return { id: edits[0]?.id ?? '', tx: step.tx, changed: edits.length };
    },
    newId(entity) {
      serial += 1;
      return `${entity}-new-${serial}`;
    },
    changes(id) {
      const record = records.get(id);
      const done = steps
        .flatMap((step) => step.changes.filter((c) => c.id === id).map((change) => ({ step, change })))
        .map(({ step, change }): HistoryEntry => {
          const { entity, title, kind, tx, fields } = written(step, change);
          return {
            op: `op-${tx}`,
            tx,
            entity,
            record: id,
            title,
            kind,
            at: change.after?.updated_at ?? 0,
            author: ME.id,
            author_name: userName,
            origin: 'form',
            pending: true,
            fields,
          };
        });
      const past = record ? pastOf(record, titleOf(record)) : [];
      return [...done.reverse(), ...past.filter(({ kind }) => kind !== 'create' || !memory.untold.has(id))];
    },
    untold: new Set(options.sync ? ['customer-3'] : []),
    emit,
    onWrite: (hear) => void followers.push(hear),
  };
  const written = (
    { tx, action }: Step,
    { id, entity, before, after }: Step['changes'][number],
  ): Written => ({
    id,
    entity,
    title: after ? titleOf(after) : '',
    kind: before ? (after?.deleted_at ? 'delete' : action === 'transfer' ? 'transfer' : 'update') : 'create',
    tx,
    fields: Object.keys(after?.fields ?? {})
      .filter((key) => JSON.stringify(before?.fields[key]) !== JSON.stringify(after?.fields[key]))
      .map((field) => ({
        field,
        old: before?.fields[field] ?? null,
        new: after?.fields[field] ?? null,
      })),
  });
  const tell = (step: Step) =>
    emit({
      type: 'changed',
      entities: [...new Set(step.changes.map((c) => c.entity))],
      ids: step.changes.map((c) => c.id).slice(0, 1000),
      all: step.changes.length > 1000,
    });
  const check = (entity: string, fields: FieldValues, whole: boolean) => {
    const def = ENTITIES.find((e) => e.key === entity);
    const errors = (def?.fields ?? []).flatMap((f) => {
      const named = f.key in fields;
      const value = fields[f.key];
      if (f.required && (named || whole) && (value === null || value === undefined || value === '')) {
        return [{ field: f.key, code: 'required', params: {} }];
      }
      if (f.format === 'uscc' && typeof value === 'string' && value && value.length !== 18) {
        return [{ field: f.key, code: 'uscc_length', params: {} }];
      }
      return [];
    });
    if (errors.length) throw new TransportError('invalid', {}, errors[0]?.field ?? null, errors);
  };
  const rows = (ids: string[], columns: string[]): { rows: Row[]; titles: Titles } => {
    const found = ids.map((id) => records.get(id)).filter((r) => r !== undefined);
    return {
      rows: found.map((r) => ({
        id: r.id,
        cells: columns.map((c) => heldIn(r, c)),
      })),
      titles: memory.titles(found),
    };
  };
  const slice = (view: number, offset: number, limit: number, columns: string[]): Window => {
    const ids = views.get(view);
    if (!ids) throw new TransportError('view_closed');
    return { offset, count: ids.length, ...rows(ids.slice(offset, offset + limit), columns) };
  };
  const gather = (entity: string, filter?: Filter, sort?: Sort[], search?: string, deleted = false) => {
    const wanted = [...records.values()].filter(
      (r) =>
        r.entity === entity &&
        (r.deleted_at !== null) === deleted &&
        matches(r, filter) &&
        (!search || JSON.stringify(r.fields).toLowerCase().includes(search.toLowerCase())),
    );
    return ordered(wanted, sort).map((r) => r.id);
  };
  const takeBack = (from: Step[], to: Step[], side: 'before' | 'after', tx?: string) => {
    const at = tx ? from.findIndex((s) => s.tx === tx) : from.length - 1;
    const step = from[at];
    if (!step) throw new TransportError('nothing_to_undo');
    from.splice(at, 1);
    for (const change of step.changes) {
      const back = change[side];
      if (back) records.set(change.id, back);
      else records.delete(change.id);
    }
    to.push(step);
    tell(step);
    return { tx: step.tx, of: step.tx, changed: step.changes.length, kept: [] };
  };
  const stepView = (step: Step | undefined) =>
    step
      ? {
          tx: step.tx,
          action: step.action,
          entity: step.entity,
          count: step.changes.length,
          title: step.changes.length === 1 && step.changes[0]?.after ? titleOf(step.changes[0].after) : null,
        }
      : null;
  const status = (): Status => ({
    state,
    user: state.name === 'ready' ? { id: ME.id, name: userName } : null,
    recovery_key_confirmed: confirmed,
    key_store: 'keyring',
    data_dir: '~/ketu',
    moved_aside: state.name === 'damaged' ? '~/ketu/damaged' : null,
    has_sample: [...records.values()].some((r) => r.entity === 'customer'),
    version: '0.1.0',
    settings,
  });
  const RECOVERY = '7F3K-9QXM-2HTR-WD8C-4NVB-6JPZ';

  const methods: Handlers = {
    status,
    set_up({ name, language }) {
      userName = name;
      settings = { ...settings, language };
      state = { name: 'ready' };
      confirmed = false;
      records.set(ME.id, { ...(records.get(ME.id) as MockRecord), fields: { name } });
      return { recovery_key: RECOVERY, key_store: 'keyring' };
    },
    open_again: status,
    unlock({ recovery_key }) {
      if (recovery_key.replaceAll('-', '') !== RECOVERY.replaceAll('-', ''))
        throw new TransportError('wrong_key');
      state = { name: 'ready' };
      return status();
    },
    recovery_key_confirmed() {
      confirmed = true;
      emit({ type: 'status' });
      return { done: true };
    },
    save_recovery_key: () => ({ done: true }),
    new_recovery_key: () => ({ recovery_key: RECOVERY, key_store: 'keyring' }),
    load_sample() {
      for (const record of generate(60, memory.now()).values()) records.set(record.id, record);
      emit({ type: 'changed', entities: ENTITIES.map((e) => e.key), ids: [], all: true });
      emit({ type: 'status' });
      return { done: true };
    },
    remove_sample() {
      for (const [id, record] of records) {
        if (!['user', 'tag', 'option'].includes(record.entity)) records.delete(id);
      }
      emit({ type: 'changed', entities: ENTITIES.map((e) => e.key), ids: [], all: true });
      emit({ type: 'status' });
      return { done: true };
    },
    update_settings({ settings: change }) {
      settings = { ...settings, ...change, window: { ...settings.window, ...change.window } };
      return settings;
    },
    catalog() {
      const view = catalogView();
      view.users = USERS_VIEW.map((u) => ({ id: u.id, name: u.id === ME.id ? userName : u.name }));
      view.tags = memory.list('tag').map((r) => ({ id: r.id, name: String(r.fields.name), color: '' }));
      for (const r of memory.list('option')) {
        const known = view.options.find((o) => o.id === r.id);
        const { list, name, name_en, color, archived } = r.fields;
        const merged = {
          id: r.id,
          list: String(list ?? known?.list ?? ''),
          name: String(name ?? known?.name ?? ''),
          name_en: String(name_en ?? known?.name_en ?? name ?? ''),
          color: String(color ?? known?.color ?? ''),
          archived: archived === true,
        };
        if (known) Object.assign(known, merged);
        else view.options.push(merged);
      }
      return view;
    },
    async regions({ parent }) {
      const { regionsBelow } = await import('./regions');
      return { regions: regionsBelow(parent) };
    },
    async region_names({ codes }) {
      const { regionByCode } = await import('./regions');
      return { regions: codes.flatMap((code) => regionByCode(code) ?? []) };
    },
    get({ id }) {
      const record = records.get(id);
      if (!record) throw new TransportError('not_found', { entity: 'record' });
      return memory.view(record);
    },
    add({ entity, fields }) {
      check(entity, fields, true);
      const numbered: FieldValues = { ...fields };
      if (entity === 'participation') {
        numbered.stub = records.get(String(fields.contact))?.fields.name ?? null;
      }
      if (entity === 'customer') numbered.number = `CUST-2026-${String(records.size).padStart(3, '0')}`;
      return memory.write('add', entity, [{ id: memory.newId(entity), fields: numbered }]);
    },
    update({ entity, id, fields }) {
      check(entity, fields, false);
      return memory.write('update', entity, [{ id, fields }]);
    },
    update_many({ entity, changes }) {
      for (const { fields } of changes) check(entity, fields, false);
      return memory.write('update', entity, changes);
    },
    remove: ({ entity, ids }) =>
      memory.write(
        'remove',
        entity,
        ids.map((id) => ({ id, fields: {}, deleted: true })),
      ),
    restore: ({ entity, ids }) =>
      memory.write(
        'restore',
        entity,
        ids.map((id) => ({ id, fields: {}, deleted: false })),
      ),
    undo: ({ tx }) => takeBack(steps, undone, 'before', tx),
    redo: ({ tx }) => takeBack(undone, steps, 'after', tx),
    undo_state: () => ({ undo: stepView(steps.at(-1)), redo: stepView(undone.at(-1)) }),
    history: ({ id }) => ({ titles: {}, entries: memory.changes(id), older: memory.untold.has(id) }),
    find_duplicates({ entity, fields, except }) {
      const name = String(fields.name ?? '').replace(/有限公司|股份|集团|[（）()]/g, '');
      if (entity !== 'customer' || name.length < 2) return { duplicates: [] };
      const alike = memory
        .list('customer')
        .filter((r) => r.id !== except && String(r.fields.name).includes(name));
      return {
        duplicates: alike.slice(0, 3).map((r) => ({
          entity,
          id: r.id,
          title: titleOf(r),
          owner: USERS_VIEW.find((u) => u.id === r.fields.owner)?.name ?? null,
          reason: 'similar_name',
        })),
      };
    },
    view_open({ entity, filter, sort, search, deleted, columns, limit }) {
      serial += 1;
      views.set(serial, gather(entity, filter, sort, search, deleted));
      return { view: serial, window: slice(serial, 0, limit, columns) };
    },
    view_window: ({ view, offset, limit, columns }) => slice(view, offset, limit, columns),
    view_sums({ view, fields }) {
      const sums: Record<string, Record<string, number>> = {};
      const ids = views.get(view) ?? [];
      for (const id of ids) {
        for (const field of fields) {
          const value = records.get(id)?.fields[field];
          const [amount, unit] = Array.isArray(value)
            ? [Number(value[0]), String(value[1])]
            : [Number(value ?? 0), ''];
          sums[field] ??= {};
          const byUnit = sums[field];
          if (amount) byUnit[unit] = (byUnit[unit] ?? 0) + amount;
        }
      }
      return { count: ids.length, sums };
    },
    view_ids: ({ view, offset, limit }) => ({ ids: (views.get(view) ?? []).slice(offset, offset + limit) }),
    view_close({ view }) {
      views.delete(view);
      return { done: true };
    },
    export_view: ({ view, path }) => ({ rows: views.get(view)?.length ?? 0, path }),
    search({ text, limit, entities }) {
      const wanted = entities ?? ['customer', 'contact', 'opportunity', 'interaction'];
      const needle = text.trim().toLowerCase();
      const hits = [...records.values()].filter(
        (r) =>
          r.deleted_at === null &&
          wanted.includes(r.entity) &&
          needle !== '' &&
          Object.values(r.fields).some((v) => typeof v === 'string' && v.toLowerCase().includes(needle)),
      );
      return {
        total: hits.length,
        hits: hits.slice(0, limit).map((r) => {
          const customer = typeof r.fields.customer === 'string' ? r.fields.customer : null;
          const above = customer ? records.get(customer) : undefined;
          return {
            entity: r.entity,
            id: r.id,
            title: titleOf(r),
            subtitle: above ? titleOf(above) : String(r.fields.number ?? ''),
            field: 'name',
            matched: text,
            customer: r.entity === 'customer' ? r.id : customer,
          };
        }),
      };
    },
    back_up: () => ({ name: 'manual', at: memory.now(), bytes: 2_400_000, reason: 'manual' }),
    backups: () => ({
      backups: [
        { name: 'b1', at: start - 3_600_000, bytes: 2_400_000, reason: 'scheduled' },
        { name: 'b2', at: start - 86_400_000, bytes: 2_390_000, reason: 'scheduled' },
        { name: 'b3', at: start - 8 * 86_400_000, bytes: 2_100_000, reason: 'before_import' },
      ],
    }),
    restore_backup() {
      state = { name: 'ready' };
      return status();
    },
    start_anew() {
      records.clear();
      state = { name: 'first_run' };
      return status();
    },
    doctor: () => ({ findings: [{ level: 'ok', code: 'file_whole', params: {} }] }),
    ...workMethods(memory),
    told_reminders: () => (options.due ? comingDue(memory) : { due: [], missed: [] }),
    ...cannedImport(memory),
    ...syncMethods(memory, options.sync, options.outbox ?? 0),
  };

  return {
    async call(method, params) {
      const handler = methods[method as keyof Methods] as ((p: unknown) => unknown) | undefined;
      if (!handler) throw new TransportError('unknown_method', { method });
      const answer = await handler(structuredClone(params));
      if (import.meta.env.MODE !== 'test') await new Promise((done) => setTimeout(done, 4));
      return structuredClone(answer);
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
