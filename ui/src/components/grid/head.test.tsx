import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import type { OpenView } from '../../transport/contract';
import { begin } from './grid-for-tests';

const head = (column: string) => screen.getByTestId(`grid-header-${column}`);
const label = (column: string): HTMLElement => {
  const [button] = within(head(column)).getAllByRole('button');
  if (!button) throw new Error(`no label for ${column}`);
  return button;
};
const width = (column: string) => Number.parseInt(head(column).style.width, 10);
const sizes = () => JSON.parse(screen.getByTestId('layout').textContent ?? '{}').sizes;

/** The list, with the orders that the core was asked for. */
const beginSorting = async () => {
  const sorts: unknown[] = [];
  await begin({
    meddle: (method, params) => method === 'view_open' && sorts.push((params as OpenView).sort ?? []),
  });
  sorts.length = 0;
  return sorts;
};
const UP = [{ field: 'annual_value', descending: false }];

describe('the head of a column', () => {
  it('sorts once by a click of the pointer', async () => {
    const sorts = await beginSorting();
    await userEvent.click(label('annual_value'));
    await waitFor(() => expect(head('annual_value').getAttribute('aria-sort')).toBe('ascending'));
    expect(sorts).toEqual([UP]);
  });

  it.each([
    ['the space bar', () => userEvent.keyboard(' ')],
    ['Enter', () => userEvent.keyboard('{Enter}')],
    // A screen reader clicks without a pointer.
    ['a screen reader', () => Promise.resolve(label('annual_value').click())],
  ])('sorts once by %s', async (_by, press) => {
    const sorts = await beginSorting();
    label('annual_value').focus();
    await press();
    await waitFor(() => expect(head('annual_value').getAttribute('aria-sort')).toBe('ascending'));
    expect(sorts).toEqual([UP]);
  });

  it('does not sort when it was dragged to another place', async () => {
    const sorts = await beginSorting();
    const from = label('annual_value');
    fireEvent.pointerDown(from, { button: 0, clientX: 500 });
    fireEvent.pointerMove(from, { clientX: 100 });
    fireEvent.pointerUp(from, { clientX: 100 });
    fireEvent.click(from, { detail: 1 });
    expect(JSON.parse(screen.getByTestId('layout').textContent ?? '').shown).not.toEqual([
      'name',
      'phone',
      'level',
      'annual_value',
    ]);
    await new Promise((done) => setTimeout(done, 30));
    expect(sorts).toEqual([]);
  });

  it('is one stop for Tab on the way to the rows, and the arrows go from column to column', async () => {
    await begin();
    screen.getByTestId('grid-select-all').focus();
    await userEvent.tab();
    expect(document.activeElement).toBe(label('name'));
    await userEvent.keyboard('{ArrowRight}{ArrowRight}');
    expect(document.activeElement).toBe(label('level'));
    await userEvent.keyboard('{End}');
    expect(document.activeElement).toBe(label('annual_value'));
    await userEvent.tab();
    expect(document.activeElement?.getAttribute('role')).toBe('gridcell');
    await userEvent.tab({ shift: true });
    expect(document.activeElement).toBe(label('annual_value'));
  });

  it('opens its menu with the down arrow, and has the focus again when that closes', async () => {
    await begin();
    label('phone').focus();
    await userEvent.keyboard('{ArrowDown}');
    expect(await screen.findByText('隐藏此列')).toBeTruthy();
    await waitFor(() => expect(document.activeElement?.closest('.ant-dropdown')).not.toBeNull());
    await userEvent.keyboard('{Escape}');
    await waitFor(() => expect(document.activeElement).toBe(label('phone')));
  });
});

describe('the width of a column', () => {
  it('is kept, and goes back with the layout that held it', async () => {
    await begin();
    const usual = width('phone');
    fireEvent.keyDown(label('phone'), { key: 'ArrowRight', shiftKey: true });
    expect(width('phone')).toBe(usual + 16);
    expect(sizes()).toMatchObject({ phone: usual + 16 });
    fireEvent.click(screen.getByTestId('other-layout'));
    expect(sizes()).toBeUndefined();
    expect(width('phone')).toBe(usual);
    // What another layout is dragged to does not bring back the widths of the first.
    fireEvent.keyDown(label('level'), { key: 'ArrowRight', shiftKey: true });
    expect(sizes()).toEqual({ level: width('level') });
  });
});
