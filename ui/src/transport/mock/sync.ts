/**
 * The mock's server: where the laptop stands with it, what waits, and how one joins. Which state it begins in is
 * chosen by `MockOptions.sync`; from there on it moves as the real one does.
 */
import type { Finding, Methods, OutboxLine, SyncPhase, SyncStatus } from '../contract';
import { TransportError } from '../transport';
import type { Memory } from './mock';
import { ME } from './records';
import { attentionItems, logEntries, outboxLines, putCards } from './sync-past';
import { togetherMethods } from './together';

/** States that the mock's sync can begin in, beside a laptop of its own. */
export type SyncStart =
  | Exclude<SyncPhase, 'alone'>
  /** A clock that is wrong by minutes. */
  | 'clock'
  /** A password that was changed. */
  | 'login'
  /** A hotel's network. */
  | 'portal';

export type SyncNames =
  | 'sync_status'
  | 'sync_pause'
  | 'sync_weak_network'
  | 'sync_now'
  | 'sync_log'
  | 'sync_self_test'
  | 'sync_invitation'
  | 'sync_enrol'
  | 'sync_join'
  | 'sync_withdraw'
  | 'sync_log_in'
  | 'outbox'
  | 'outbox_cancel'
  | 'outbox_export'
  | 'unsynced'
  | 'attention'
  | 'attention_dismiss'
  | 'attention_retry'
  | 'conflicts'
  | 'settle_conflicts'
  | 'transfer_preview'
  | 'transfer'
  | 'merge_customers'
  | 'share'
  | 'older_history';
type SyncMethods = {
  [M in SyncNames]: (params: Methods[M]['params']) => Methods[M]['answer'] | Promise<Methods[M]['answer']>;
};

const MINUTE = 60_000;
const ACCOUNT = {
  server: 'https://crm.hengyuan.example:8443',
  login: 'lin.zhiyuan',
  user: ME.id,
  role: 'salesperson',
};
const ALONE: SyncStatus = {
  account: null,
  phase: 'alone',
  pending: 0,
  attention: 0,
  conflicts: 0,
  last_sync: null,
  waiting_since: null,
  trouble: null,
  progress: null,
  weak_network: false,
  clock_offset: 0,
};

const trouble = (code: string, stops: boolean, retry_at: number | null = null) => ({
  code,
  params: {},
  stops,
  retry_at,
});

function beginning(start: SyncStart | undefined, now: number): SyncStatus {
  if (!start) return { ...ALONE };
  const joined: SyncStatus = { ...ALONE, account: ACCOUNT, phase: 'up_to_date', last_sync: now - 2 * MINUTE };
  switch (start) {
    case 'clock':
      return { ...joined, clock_offset: 11 * MINUTE };
    case 'login':
      return {
        ...joined,
        phase: 'stopped',
        last_sync: now - 26 * 60 * MINUTE,
        trouble: trouble('login_required', true),
      };
    case 'portal':
      return { ...joined, phase: 'offline', trouble: trouble('portal', false, now + 4 * MINUTE) };
    case 'offline':
      return {
        ...joined,
        phase: 'offline',
        last_sync: now - 140 * MINUTE,
        trouble: trouble('offline', false, now + 3 * MINUTE),
      };
    case 'stopped':
      return { ...joined, phase: 'stopped', trouble: trouble('diverged', true) };
    case 'syncing':
      return {
        ...joined,
        phase: 'syncing',
        progress: { step: 'sending', done: 32_000, total: 100_000 },
      };
    default:
      return { ...joined, phase: start };
  }
}

export function syncMethods(memory: Memory, start: SyncStart | undefined, extra: number): SyncMethods {
  const began = memory.now();
  let status = beginning(start, began);
  const idle = start === undefined || start === 'up_to_date' || start === 'clock';
  let lines: OutboxLine[] = idle ? [] : outboxLines(memory, began);
  let virtual = idle ? 0 : extra;
  const items = start ? attentionItems(memory, began) : [];
  const log = start ? logEntries(began) : [];
  if (start) putCards(memory, began);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let enrolled = false;

  const openCards = () =>
    memory.list('conflict').filter(({ fields }) => fields.state === 'open' && fields.mine === true).length;
  const tell = () => memory.emit({ type: 'sync' });
  const read = (): SyncStatus => ({
    ...status,
    pending: lines.reduce((sum, line) => sum + line.count, 0) + virtual,
    attention: items.length,
    conflicts: status.account ? openCards() : 0,
    waiting_since: lines.at(-1)?.at ?? null,
  });
  const put = (change: Partial<SyncStatus>) => {
    status = { ...status, ...change };
    tell();
    return read();
  };

  // What is written in the window waits from then on.
  memory.onWrite((changes) => {
    if (!status.account) return;
    const at = memory.now();
    lines = [
      ...changes.map(
        ({ id, entity, title, kind, tx, fields }): OutboxLine => ({
          op: `op-${tx}-${id}`,
          tx,
          entity,
          record: id,
          title,
          kind,
          origin: 'form',
          at,
          state: 'waiting',
          fields,
          count: 1,
        }),
      ),
      ...lines,
    ];
    if (status.phase === 'up_to_date') status.phase = 'waiting';
    tell();
  });

  const run = (step: string, total: number) => {
    clearTimeout(timer);
    let done = 0;
    const tick = () => {
      if (status.phase === 'paused') return;
      done = Math.min(total, done + Math.ceil(total / 6));
      if (done < total) {
        put({ phase: 'syncing', trouble: null, progress: { step, done, total } });
        timer = setTimeout(tick, import.meta.env.MODE === 'test' ? 5 : 400);
        return;
      }
      lines = [];
      virtual = 0;
      log.unshift({
        at: memory.now(),
        code: 'synced',
        params: { sent: String(total), received: '14', purged: '0' },
      });
      put({ phase: 'up_to_date', progress: null, last_sync: memory.now(), trouble: null });
    };
    put({ phase: 'syncing', trouble: null, progress: { step, done: 0, total } });
    timer = setTimeout(tick, import.meta.env.MODE === 'test' ? 5 : 400);
  };

  return {
    sync_status: read,
    sync_pause({ paused }) {
      log.unshift({ at: memory.now(), code: paused ? 'paused' : 'resumed', params: {} });
      if (paused) return put({ phase: 'paused', progress: null });
      run('sending', Math.max(1, read().pending));
      return read();
    },
    sync_weak_network: ({ weak }) => put({ weak_network: weak }),
    sync_now() {
      if (status.trouble?.stops) return { done: false };
      run('sending', Math.max(1, read().pending));
      return { done: true };
    },
    sync_log: () => ({ entries: log }),
    sync_self_test: () => ({ findings: findings(read()) }),
    sync_invitation({ invitation }) {
      if (!invitation.startsWith('ketu1_')) throw new TransportError('invitation_unreadable');
      return {
        servers: [ACCOUNT.server, 'https://10.0.0.8:8443'],
        login: ACCOUNT.login,
        fingerprint: '3f9ac1d27be04e55a8127cd0b6e9f4418ad2c37705be91fa6634d8e0c1b25a7f',
        records: [...memory.records.values()].filter(({ entity }) => entity !== 'option').length,
      };
    },
    sync_enrol({ invitation, password }) {
      if (invitation.includes('used')) throw new TransportError('sync_wrong_login');
      if (invitation.includes('offline')) throw new TransportError('sync_offline');
      if (password.length < 10) throw new TransportError('password_short', { least: '10' }, 'password');
      enrolled = true;
      const count = (entity: string) => memory.list(entity).length;
      const alike = memory.list('customer').slice(0, 9);
      return {
        account: { ...ACCOUNT, role: null },
        records: Object.fromEntries(
          ['customer', 'contact', 'opportunity', 'interaction', 'reminder'].map((one) => [one, count(one)]),
        ),
        matches: alike.map(({ id, fields }, n) => ({
          id,
          name: String(fields.name),
          reason: n % 3 === 0 ? 'uscc' : n % 3 === 1 ? 'phone' : 'name',
          theirs:
            n % 4 === 3
              ? null
              : {
                  id: `their-${n}`,
                  name: String(fields.name).replace('有限公司', '（中国）有限公司'),
                  may_merge: n % 4 !== 2,
                },
        })),
      };
    },
    sync_join() {
      if (!enrolled) throw new TransportError('not_enrolled');
      const total = memory.list('customer').length + memory.list('contact').length;
      log.unshift({ at: memory.now(), code: 'joined', params: {} });
      status = { ...status, account: ACCOUNT };
      run('sending', total);
      return read();
    },
    sync_withdraw() {
      enrolled = false;
      clearTimeout(timer);
      status = { ...ALONE };
      tell();
      return read();
    },
    sync_log_in({ password }) {
      if (password === 'wrong-password') throw new TransportError('sync_wrong_login');
      run('sending', Math.max(1, read().pending));
      return read();
    },
    outbox({ offset, limit }) {
      const shown = lines.slice(offset, offset + limit);
      const first = lines[0];
      for (let at = offset + shown.length; first && shown.length < limit; at += 1) {
        const n = at - lines.length;
        if (n < 0 || n >= virtual) break;
        shown.push({ ...first, op: `op-virtual-${n}`, at: first.at - n * 1000 });
      }
      const records = shown.flatMap(({ record }) => memory.records.get(record) ?? []);
      return { total: lines.length + virtual, lines: shown, titles: memory.titles(records) };
    },
    outbox_cancel({ op }) {
      const line = lines.find((one) => one.op === op);
      if (line?.state !== 'waiting') throw new TransportError('already_sent');
      // What one step did is taken back as a whole.
      const gone = lines.filter(({ tx }) => tx === line.tx);
      lines = lines.filter((one) => !gone.includes(one));
      for (const { record: id, kind, fields } of gone) {
        const record = memory.records.get(id);
        if (!record) continue;
        const old = Object.fromEntries(fields.map((change) => [change.field, change.old]));
        if (kind === 'update') memory.records.set(id, { ...record, fields: { ...record.fields, ...old } });
        else if (kind === 'create' && line.count === 1) memory.records.delete(id);
        memory.emit({ type: 'changed', entities: [record.entity], ids: [id], all: false });
      }
      tell();
      return { done: true };
    },
    outbox_export: () => ({ done: true }),
    unsynced: ({ ids }) => ({
      states: Object.fromEntries(
        lines.filter(({ record }) => ids.includes(record)).map(({ record, state }) => [record, state]),
      ),
    }),
    attention: () => ({
      items,
      titles: memory.titles(items.flatMap(({ record }) => memory.records.get(record) ?? [])),
    }),
    attention_dismiss({ op }) {
      const at = items.findIndex((item) => item.op === op);
      if (at >= 0) items.splice(at, 1);
      tell();
      return { done: at >= 0 };
    },
    attention_retry({ op }) {
      const at = items.findIndex((one) => one.op === op);
      const [item] = at >= 0 ? items.splice(at, 1) : [];
      if (!item) throw new TransportError('not_found', { entity: 'record' });
      const fields = Object.fromEntries(item.fields.map((change) => [change.field, change.new]));
      return memory.write('update', item.entity, [{ id: item.record, fields }]);
    },
    ...togetherMethods(memory, () => status.phase === 'offline'),
  };
}

function findings({ phase, trouble, clock_offset, pending, attention }: SyncStatus): Finding[] {
  const said = (level: string, code: string, params: Record<string, string> = {}) => ({
    level,
    code,
    params,
  });
  const link =
    phase === 'offline'
      ? [said('problem', trouble?.code === 'portal' ? 'portal' : 'network', { reason: trouble?.code ?? '' })]
      : [
          said('ok', 'server', { server: ACCOUNT.server }),
          said(clock_offset ? 'warning' : 'ok', 'clock', { offset_ms: String(clock_offset) }),
          trouble?.code === 'login_required'
            ? said('problem', 'rights', { reason: 'login_required' })
            : said('ok', 'rights', { role: ACCOUNT.role }),
        ];
  return [
    ...(phase === 'paused' ? [said('warning', 'paused')] : []),
    ...link,
    said('ok', 'disk', { left_mb: '48211' }),
    said(pending ? 'warning' : 'ok', 'outbox', { count: String(pending) }),
    ...(attention ? [said('warning', 'attention', { count: String(attention) })] : []),
  ];
}
