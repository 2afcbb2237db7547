import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { useToasts } from '../../components/feedback/toasts';
import { queryClient } from '../../data/client';
import { showStatus } from '../../data/status';
import { redo, undo } from '../../data/writes';
import type { Status } from '../../transport/contract';
import { mockWire } from '../../transport/mock/mock';
import { call, connect, subscribe, TransportError } from '../../transport/transport';
import {
  apply,
  cancel,
  checkRows,
  chooseSheet,
  goTo,
  openFile,
  reachable,
  readAgain,
  setMapping,
  showProgress,
  startAnew,
  takeBack,
  useFlow,
  watch,
} from './flow';

let calls: { method: string; params: unknown }[] = [];
let meddle: (method: string) => void = () => undefined;
let stop = () => undefined as unknown;

beforeEach(() => {
  meddle = () => undefined;
  const mock = mockWire({ customers: 30 });
  connect({
    listen: mock.listen,
    async call(method, params) {
      calls.push({ method, params });
      meddle(method);
      return mock.call(method, params);
    },
  });
  stop = subscribe((event) => {
    if (event.type === 'import_progress') showProgress(event);
  });
  startAnew();
  useFlow.setState({ rule: 'skip', watched: false });
  calls = [];
});
afterEach(() => void stop());

const now = () => useFlow.getState();
const called = (method: string) => calls.filter((one) => one.method === method).length;
const customers = async () =>
  (await call('view_open', { entity: 'customer', columns: ['name'], limit: 1 })).window.count;

describe('an import', () => {
  it('goes from the file over its columns and the check to the result', async () => {
    await openFile('/files/customers.xlsx');
    expect(now()).toMatchObject({ step: 'columns', refusal: null });
    expect(now().mapping[0]).toBe('customer.name');
    await checkRows();
    const { planned } = now();
    expect(now().step).toBe('check');
    expect(planned).toMatchObject({ rows: 420 });
    expect(
      (planned?.create ?? 0) + (planned?.update ?? 0) + (planned?.skip ?? 0) + (planned?.fail ?? 0),
    ).toBe(420);
    await apply();
    expect(now()).toMatchObject({ step: 'result', working: null });
    expect(now().result?.created).toBe(planned?.create);
    expect(reachable(now())).toEqual([]);
  });

  it('keeps a refused file in sight with its reason', async () => {
    await openFile('/files/locked.xlsx');
    expect(now()).toMatchObject({ step: 'file', path: '/files/locked.xlsx', working: null });
    expect(now().refusal?.code).toBe('sheet_password_protected');
  });

  it('is cancelled while it is written: nothing stays, and it can be tried again', async () => {
    const before = await customers();
    await openFile('slow.xlsx');
    await checkRows();
    const done = apply();
    await vi.waitFor(() => expect(now().working?.total).toBe(420), { timeout: 8000 });
    cancel();
    cancel();
    expect(now().working?.cancelling).toBe(true);
    await done;
    expect(called('import_cancel')).toBe(1);
    expect(now()).toMatchObject({ step: 'check', working: null, result: null });
    expect(now().refusal?.code).toBe('cancelled');
    expect(await customers()).toBe(before);
  }, 20_000);

  it('is not disturbed by another file while it is written', async () => {
    await openFile('a.xlsx');
    await checkRows();
    const done = apply();
    await openFile('b.xlsx');
    expect(useToasts.getState().toasts[0]?.text).toContain('a.xlsx');
    await done;
    expect(now()).toMatchObject({ step: 'result', path: 'a.xlsx' });
  });

  it('gives way to another file before anything is written, and closes the first', async () => {
    await openFile('slow.xlsx');
    const checking = checkRows();
    await openFile('b.xlsx');
    await checking;
    expect(now()).toMatchObject({ step: 'columns', path: 'b.xlsx', planned: null, refusal: null });
    expect(called('import_close')).toBe(1);
  });

  it('tells how it ended only to those who were elsewhere', async () => {
    await openFile('a.xlsx');
    await checkRows();
    expect(now().news).toBe('done');
    watch(true);
    expect(now().news).toBeNull();
    await apply();
    expect(now().news).toBeNull();
  });

  it('says that nothing was written when the writing is refused, and stays at the check', async () => {
    await openFile('a.xlsx');
    await checkRows();
    meddle = (method) => {
      if (method === 'import_apply') throw new TransportError('disk_full');
    };
    await apply();
    expect(now()).toMatchObject({ step: 'check', news: 'refused', result: null });
    expect(now().refusal?.code).toBe('disk_full');
  });

  it('plans anew for another rule, and forgets the plan when a column changes', async () => {
    await openFile('a.xlsx');
    await checkRows();
    expect(now().planned?.update).toBe(0);
    const { plans } = now();
    await checkRows({ rule: 'update' });
    expect(now().planned?.update).toBeGreaterThan(0);
    expect(now().plans).toBe(plans + 1);
    expect(reachable(now())).toEqual(['file', 'columns', 'check']);
    goTo('columns');
    setMapping({ mapping: { 0: 'customer.name' }, released: null }, 0);
    expect(reachable(now())).toEqual(['file', 'columns']);
  });

  it('notes which column a field was taken from', async () => {
    await openFile('a.xlsx');
    const { mapping } = now();
    const { 0: _, ...rest } = mapping;
    setMapping({ mapping: { ...rest, 10: 'customer.name' }, released: 0 }, 10);
    expect(now().movedTo).toEqual({ 0: '内部备注' });
  });

  it('reads a mended file again with the same choices and checks it at once', async () => {
    await openFile('a.xlsx');
    const { mapping } = now();
    const fewer = { 0: mapping[0] ?? '', 1: mapping[1] ?? '' };
    setMapping({ mapping: fewer, released: null }, 0);
    await checkRows();
    await readAgain();
    expect(now()).toMatchObject({ step: 'check', mapping: fewer });
    expect(called('import_plan')).toBe(2);
  });

  it('looks into another sheet and closes what was open before', async () => {
    await openFile('a.xlsx');
    await chooseSheet('去年');
    expect(now().opened?.sheet).toBe('去年');
    expect(called('import_close')).toBe(1);
  });

  it('is taken back as a whole, and can be brought back', async () => {
    const before = await customers();
    await openFile('a.xlsx');
    await checkRows();
    await apply();
    const { result } = now();
    expect(await customers()).toBe((before ?? 0) + (result?.created ?? 0));
    await takeBack(result?.tx ?? '');
    expect(now().undone?.changed).toBe(result?.created);
    expect(await customers()).toBe(before);
    useToasts.getState().toasts.at(-1)?.action?.run();
    await vi.waitFor(() => expect(now().undone).toBeNull());
    expect(await customers()).toBe((before ?? 0) + (result?.created ?? 0));
  });

  it('is known as taken back and brought back wherever that was done', async () => {
    await call('status', {}).then(showStatus);
    const recent = () => queryClient.getQueryData<Status>(['status'])?.settings.window['imports.recent'];
    await openFile('a.xlsx');
    await checkRows();
    await apply();
    const tx = now().result?.tx ?? '';
    await undo(tx);
    expect(now().undone?.of).toBe(tx);
    await expect.poll(recent).toMatchObject([{ tx, undone: true }]);
    await redo();
    expect(now().undone).toBeNull();
    await expect.poll(() => (recent() as { undone?: boolean }[])[0]?.undone).toBeUndefined();
  });

  it('moves the bar at most ten times a second, and ends where the core ended', async () => {
    await openFile('a.xlsx');
    // The beat of the runs before is over.
    await new Promise((done) => setTimeout(done, 150));
    vi.useFakeTimers();
    try {
      const number = now().opened?.import ?? 0;
      useFlow.setState({
        working: { kind: 'applying', phase: 'applying', done: 0, total: null, cancelling: false },
      });
      let drawn = 0;
      const unwatch = useFlow.subscribe(() => {
        drawn += 1;
      });
      for (let done = 1; done <= 500; done += 1) {
        showProgress({ type: 'import_progress', import: number, phase: 'applying', done, total: 500 });
        vi.advanceTimersByTime(1);
      }
      vi.advanceTimersByTime(200);
      unwatch();
      expect(drawn).toBeLessThanOrEqual(6);
      expect(now().working?.done).toBe(500);
    } finally {
      vi.useRealTimers();
    }
  });
});
