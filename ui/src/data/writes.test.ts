import { beforeEach, describe, expect, it } from 'vitest';
import { useAsked } from '../components/feedback/ask';
import { useToasts } from '../components/feedback/toasts';
import { mockWire } from '../transport/mock/mock';
import { call, connect, TransportError } from '../transport/transport';
import { catalogQuery } from './catalog';
import { queryClient } from './client';
import { addRecord, redo, undo } from './writes';

let called: { method: string; params: unknown }[] = [];
let refuse: (method: string) => void = () => undefined;

beforeEach(async () => {
  const mock = mockWire({ customers: 40 });
  called = [];
  refuse = () => undefined;
  connect({
    listen: mock.listen,
    async call(method, params) {
      called.push({ method, params });
      refuse(method);
      return mock.call(method, params);
    },
  });
  await queryClient.fetchQuery(catalogQuery);
});

const lastToast = () => useToasts.getState().toasts.at(-1);
const deleteCustomers = (count: number) =>
  call('remove', {
    entity: 'customer',
    ids: Array.from({ length: count }, (_, n) => `customer-${n + 1}`),
  });
const undone = () => called.filter(({ method }) => method === 'undo').length;

describe('undo and redo', () => {
  it('say which step they took back and did again', async () => {
    await addRecord('customer', { name: '远山仪表' }, '远山仪表');
    await undo();
    expect(lastToast()?.text).toBe('已撤销：新建客户「远山仪表」');
    await redo();
    expect(lastToast()?.text).toContain('客户「远山仪表」');
    expect(lastToast()?.text).toContain('已重做');
    await deleteCustomers(3);
    await undo();
    expect(lastToast()?.text).toBe('已撤销：删除 3 条客户');
  });

  it('ask before many records go back by a key, and do nothing on a no', async () => {
    await deleteCustomers(21);
    const first = undo();
    await expect.poll(() => useAsked.getState().asked?.title).toContain('21 条');
    expect(useAsked.getState().asked?.text).toContain('删除 21 条客户');
    useAsked.getState().asked?.answer(false);
    await first;
    expect(undone()).toBe(0);
    const second = undo();
    await expect.poll(() => useAsked.getState().asked !== null).toBe(true);
    useAsked.getState().asked?.answer(true);
    await second;
    expect(undone()).toBe(1);
  });

  it('ask nothing for a few records, nor when a toast offered just that step', async () => {
    await deleteCustomers(20);
    await undo();
    const { tx } = await deleteCustomers(30);
    await undo(tx);
    expect(useAsked.getState().asked).toBeNull();
    expect(undone()).toBe(2);
  });

  it('take back the step that was asked about, not one that came meanwhile', async () => {
    const { tx } = await deleteCustomers(25);
    const asking = undo();
    await expect.poll(() => useAsked.getState().asked !== null).toBe(true);
    await call('add', { entity: 'customer', fields: { name: '后来的' } });
    useAsked.getState().asked?.answer(true);
    await asking;
    expect(called.find(({ method }) => method === 'undo')?.params).toEqual({ tx });
  });

  it('tell nothing to redo from nothing to undo', async () => {
    refuse = (method) => {
      if (method === 'redo') throw new TransportError('nothing_to_redo');
    };
    await redo();
    expect(lastToast()?.text).toBe('没有可重做的操作。');
  });

  it('say that nothing was undone where the records are not here any more, and offer it no longer', async () => {
    const { tx } = await addRecord('customer', { name: '远山仪表' }, '远山仪表');
    refuse = (method) => {
      if (method === 'undo') throw new TransportError('undo_gone');
    };
    await undo(tx);
    expect(lastToast()?.text).toContain('没有撤销');
    expect(useToasts.getState().toasts.some(({ txs }) => txs?.includes(tx))).toBe(false);
  });
});
