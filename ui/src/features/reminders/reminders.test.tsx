import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { openAt } from '../../test/open-at';
import type { DueReminder } from '../../transport/contract';
import { call } from '../../transport/transport';
import { useDueCards } from './due-cards';

const HOUR = 3_600_000;

async function threeOverdue() {
  const opened = await openAt('/reminders?tab=overdue', { customers: 3 });
  const ids: string[] = [];
  for (const [n, title] of ['甲', '乙', '丙'].entries()) {
    const saved = await call('add', {
      entity: 'reminder',
      fields: { title, due_at: Date.now() - (30 - n) * 24 * HOUR, customer: 'customer-1' },
    });
    ids.push(saved.id);
  }
  await screen.findByText('丙');
  return { ...opened, ids };
}

const key = (name: string) => fireEvent.keyDown(document.activeElement ?? document.body, { key: name });
const focused = () => document.activeElement?.textContent;
const rows = () => screen.queryAllByTestId('reminder-open').map((row) => row.textContent);

describe('working reminders off by keyboard (R28)', () => {
  it('walks with J and K, and completes with E until none is left', async () => {
    const { calls, ids } = await threeOverdue();
    key('j');
    expect(focused()).toBe('甲');
    key('j');
    key('k');
    expect(focused()).toBe('甲');
    key('e');
    await waitFor(() => expect(rows()).not.toContain('甲'));
    expect(calls.find(({ method }) => method === 'complete_reminder')?.params).toEqual({ id: ids[0] });
    await waitFor(() => expect(focused()).toBe('乙'));
    fireEvent.click(screen.getAllByTestId('toast-undo')[0] as HTMLElement);
    await waitFor(() => expect(rows()).toContain('甲'));
  });

  it('puts one off with S and a choice', async () => {
    const { calls, ids } = await threeOverdue();
    key('j');
    key('s');
    fireEvent.click(await screen.findByTestId('snooze-tomorrow'));
    await waitFor(() =>
      expect(calls.find(({ method }) => method === 'snooze_reminder')?.params).toEqual({
        id: ids[0],
        until: 'tomorrow',
      }),
    );
    await waitFor(() => expect(rows()).not.toContain('甲'));
  });

  it('completes one by logging what came of it, and nothing before that is saved', async () => {
    const { calls, ids } = await threeOverdue();
    const row = screen.getAllByTestId('reminder-row')[0] as HTMLElement;
    fireEvent.click(within(row).getByTestId('reminder-done-and-log'));
    const summary = await screen.findByTestId('log-summary');
    expect(rows()).toContain('甲');
    fireEvent.change(summary, { target: { value: '谈妥了' } });
    fireEvent.keyDown(summary, { key: 'Enter', ctrlKey: true });
    await waitFor(() => expect(rows()).not.toContain('甲'));
    expect(calls.find(({ method }) => method === 'log_interaction')?.params).toMatchObject({
      answers: ids[0],
    });
  });

  it('tells how many are due in its tabs', async () => {
    await threeOverdue();
    await waitFor(() => expect(screen.getByTestId('reminders-overdue').textContent).toMatch(/^逾期[3-9]/));
  });
});

const due = (id: string, title: string, due_at: number): DueReminder => ({
  id,
  title,
  customer: 'customer-1',
  customer_name: '华科',
  due_at,
});

describe('reminders that come due while the window is open (R27, B7)', () => {
  afterEach(() => useDueCards.setState({ due: [], missed: [] }));

  const begin = async () => {
    const opened = await openAt('/customers', { customers: 3 });
    const due_at = Date.now() - HOUR;
    const fields = { title: '回访', due_at, customer: 'customer-1' };
    const { id } = await call('add', { entity: 'reminder', fields });
    return { ...opened, id, due_at };
  };

  it('stand as a card that goes when the reminder is done', async () => {
    const { tell, id, due_at } = await begin();
    act(() =>
      tell({
        type: 'reminders_due',
        title: '',
        body: '',
        missed: false,
        reminders: [due(id, '回访', due_at)],
      }),
    );
    const card = await screen.findByTestId('reminder-card');
    expect(card.textContent).toContain('华科');
    fireEvent.click(within(card).getByTestId('reminder-card-done'));
    await waitFor(() => expect(screen.queryByTestId('reminder-card')).toBeNull());
    expect((await call('get', { entity: 'reminder', id })).fields.done_at).toBeTruthy();
  });

  it('go from the corner when they are done elsewhere', async () => {
    const { tell, id, due_at } = await begin();
    act(() =>
      tell({
        type: 'reminders_due',
        title: '',
        body: '',
        missed: true,
        reminders: [due(id, '回访', due_at)],
      }),
    );
    expect(await screen.findByTestId('reminder-missed')).toBeTruthy();
    await call('snooze_reminder', { id, until: 'hours:1' });
    await waitFor(() => expect(screen.queryByTestId('reminder-missed')).toBeNull());
  });

  it('come as one group when they were missed, and a few cards at most otherwise', async () => {
    const { tell } = await begin();
    const many = Array.from({ length: 6 }, (_, n) => due(`r${n}`, `事项 ${n}`, n));
    act(() => tell({ type: 'reminders_due', title: '', body: '', missed: true, reminders: many }));
    expect((await screen.findByTestId('reminder-missed')).textContent).toContain('错过的提醒 6 条');
    act(() => tell({ type: 'reminders_due', title: '', body: '', missed: false, reminders: many }));
    await waitFor(() => expect(screen.getAllByTestId('reminder-card')).toHaveLength(3));
    expect(screen.queryByTestId('reminder-missed')).toBeNull();
    expect(screen.getByText('还有 3 条到期')).toBeTruthy();
  });

  it('open where their work is done when the notification is clicked', async () => {
    const { tell, id } = await begin();
    act(() => tell({ type: 'open_reminder', id }));
    expect((await screen.findByTestId('customer-page')).dataset.id).toBe('customer-1');
    act(() => tell({ type: 'open_reminder', id: null }));
    expect(await screen.findByTestId('reminders')).toBeTruthy();
  });
});
