import { fireEvent, screen, waitFor } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { begin, cell, focusOn, press, textAt } from './grid-for-tests';

const editor = () => screen.queryByTestId<HTMLInputElement>('cell-editor');
const leave = () => fireEvent.pointerDown(document.body);

/** Whether a key that was pressed reaches the shortcuts of the window. */
const reachesShortcuts = (key: string): boolean => {
  const heard = vi.fn();
  window.addEventListener('keydown', heard);
  press(key);
  window.removeEventListener('keydown', heard);
  return heard.mock.calls.length === 1;
};

describe('letters in the grid', () => {
  it('are shortcuts where one comes back to a list, until a cell is gone to', async () => {
    await begin({ columns: ['phone', 'name'], startAt: { row: 2 } });
    await waitFor(() => expect(document.activeElement).toBe(cell(2, 'phone')));
    for (const key of ['c', 'l', 'g', '/', '?']) expect(reachesShortcuts(key), key).toBe(true);
    expect(editor()).toBeNull();
    press('ArrowDown');
    await waitFor(() => expect(document.activeElement).toBe(cell(3, 'phone')));
    expect(reachesShortcuts('1')).toBe(false);
    expect(editor()?.value).toBe('1');
  });

  it('never overwrite the name of a record, which F2 edits', async () => {
    await begin();
    await focusOn(1, 'name');
    expect(reachesShortcuts('c')).toBe(true);
    expect(editor()).toBeNull();
    const name = textAt(1, 'name');
    press('F2');
    expect((await screen.findByTestId<HTMLInputElement>('cell-editor')).value).toBe(name);
  });

  it('are dropped when only one was typed before a click elsewhere', async () => {
    const updates: unknown[] = [];
    await begin({ meddle: (method, params) => method === 'update_many' && updates.push(params) });
    await focusOn(1, 'phone');
    const before = textAt(1, 'phone');
    press('c');
    expect(editor()?.value).toBe('c');
    leave();
    await waitFor(() => expect(editor()).toBeNull());
    expect(textAt(1, 'phone')).toBe(before);
    expect(updates).toEqual([]);
  });

  it('are kept by a click elsewhere when typing went on', async () => {
    await begin();
    await focusOn(1, 'phone');
    press('0');
    fireEvent.input(editor() as HTMLInputElement, { target: { value: '010-12345678' } });
    leave();
    await waitFor(() => expect(textAt(1, 'phone')).toBe('010-12345678'));
  });

  it('replace an amount even when there is only one', async () => {
    await begin();
    await focusOn(1, 'annual_value');
    press('5');
    fireEvent.keyDown(editor() as HTMLInputElement, { key: 'Enter' });
    await waitFor(() => expect(textAt(1, 'annual_value')).toBe('¥5'));
  });
});

describe('an amount that cannot be read', () => {
  it('stays open under the hand and says why, and is not saved', async () => {
    const updates: unknown[] = [];
    await begin({ meddle: (method, params) => method === 'update_many' && updates.push(params) });
    await focusOn(1, 'annual_value');
    press('8');
    const input = editor() as HTMLInputElement;
    fireEvent.input(input, { target: { value: '80x' } });
    fireEvent.keyDown(input, { key: 'Enter' });
    expect(await screen.findByText(/: 不是有效的金额/)).toBeTruthy();
    expect(editor()?.value).toBe('80x');
    fireEvent.input(input, { target: { value: '80w' } });
    fireEvent.keyDown(input, { key: 'Enter' });
    await waitFor(() => expect(textAt(1, 'annual_value')).toBe('¥800,000'));
    expect(updates).toHaveLength(1);
  });

  it('is told, not saved, when the person went elsewhere', async () => {
    await begin();
    await focusOn(1, 'annual_value');
    const before = textAt(1, 'annual_value');
    press('8');
    fireEvent.input(editor() as HTMLInputElement, { target: { value: '80x' } });
    leave();
    expect(await screen.findByText(/: 不是有效的金额/)).toBeTruthy();
    await waitFor(() => expect(editor()).toBeNull());
    expect(textAt(1, 'annual_value')).toBe(before);
  });
});
