import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { addRecord } from '../data/writes';
import { useLogPanel } from '../features/interactions/panel';
import { useDueCards } from '../features/reminders/due-cards';
import { openAt } from '../test/open-at';
import { openRecord } from './open';
import { newRecord, usePanels } from './panels';

const press = (key: string, more = {}) =>
  fireEvent.keyDown(document.activeElement ?? document.body, { key, ...more });

describe('keys beside and over the page', () => {
  it('work while a contact lies open beside the page, whose own keys rest meanwhile', async () => {
    const { calls } = await openAt('/reminders');
    openRecord('contact', 'contact-1-0');
    const panel = await screen.findByTestId('contact-page');
    await screen.findByTestId('peek-edit');
    await act(() => addRecord('customer', { name: '远山仪表' }, '远山仪表'));
    screen.getByTestId('peek-edit').focus();
    press('j');
    expect(panel.contains(document.activeElement)).toBe(true);
    press('z', { ctrlKey: true });
    await waitFor(() => expect(calls.some(({ method }) => method === 'undo')).toBe(true));
    press('?', { shiftKey: true });
    expect(usePanels.getState().shortcuts).toBe(true);
    usePanels.setState({ shortcuts: false });
  });

  it('log an interaction with what lies open there, and with the page again afterwards', async () => {
    await openAt('/customers/customer-2');
    await screen.findByTestId('log-open');
    openRecord('contact', 'contact-1-0');
    await screen.findByTestId('peek-edit');
    press('l');
    expect(useLogPanel.getState().request).toMatchObject({
      customer: 'customer-1',
      contacts: ['contact-1-0'],
    });
    act(() => useLogPanel.getState().close());
    await waitFor(() => expect(screen.queryByTestId('log-summary')).toBeNull());
    act(() => window.history.back());
    await waitFor(() => expect(screen.queryByTestId('contact-page')).toBeNull());
    press('l');
    expect(useLogPanel.getState().request).toMatchObject({ customer: 'customer-2' });
    act(() => useLogPanel.getState().close());
  });

  it('belong to a form that lies over the page', async () => {
    const { calls } = await openAt('/customers');
    act(() => newRecord('customer'));
    (await screen.findByTestId('form-save')).focus();
    press('z', { ctrlKey: true });
    press('?', { shiftKey: true });
    expect(usePanels.getState().shortcuts).toBe(false);
    expect(calls.some(({ method }) => method === 'undo')).toBe(false);
    usePanels.setState({ form: null });
  });

  it('lead with F8 to the card of a reminder and on to the offer to undo', async () => {
    await openAt('/customers');
    openRecord('contact', 'contact-1-0');
    await screen.findByTestId('peek-edit');
    act(() =>
      useDueCards
        .getState()
        .show([{ id: 'r1', title: '回访', customer: null, customer_name: null, due_at: 0 }], false),
    );
    await act(() => addRecord('customer', { name: '远山仪表' }, '远山仪表'));
    press('F8');
    expect(document.activeElement).toBe(screen.getByTestId('reminder-card-done'));
    press('F8');
    expect(document.activeElement).toBe(screen.getByTestId('toast-undo'));
    press('F8');
    expect(document.activeElement).toBe(screen.getByTestId('reminder-card-done'));
    useDueCards.setState({ due: [], missed: [] });
  });
});

describe('dark and light', () => {
  it('take turns each time they are switched', async () => {
    await openAt('/customers', { settings: { theme: 'light' } });
    const mode = () => document.documentElement.dataset.theme;
    for (const expected of ['dark', 'light', 'dark']) {
      usePanels.setState({ palette: true });
      fireEvent.click(await screen.findByTestId('palette-theme'));
      await waitFor(() => expect(mode()).toBe(expected));
    }
  });
});
