import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { begin, cell, focusOn, opened, press, row, textAt } from './grid-for-tests';

describe('DataGrid', () => {
  it('tells assistive tools its size and place, and draws only the rows in sight', async () => {
    await begin();
    const grid = screen.getByRole('grid');
    expect(grid.getAttribute('aria-rowcount')).toBe('31');
    expect(grid.getAttribute('aria-colcount')).toBe('5');
    expect(row(0).getAttribute('aria-rowindex')).toBe('2');
    expect(screen.getAllByTestId('grid-row').length).toBeLessThan(30);
    expect(screen.getByTestId('grid-count').textContent).toContain('30');
  });

  it('moves one roving focus with the arrows', async () => {
    await begin();
    await focusOn(0, 'name');
    press('ArrowDown');
    press('ArrowRight');
    await waitFor(() => expect(document.activeElement).toBe(cell(1, 'phone')));
    const reachable = screen.getByRole('grid').querySelectorAll('[role=gridcell][tabindex="0"]');
    expect(reachable).toHaveLength(1);
  });

  it('opens the row with Enter, by its name and by a double click', async () => {
    await begin();
    await focusOn(2, 'phone');
    press('Enter');
    expect(opened).toHaveBeenLastCalledWith('customer-2');
    fireEvent.click(within(cell(3, 'name')).getByText(/./));
    expect(opened).toHaveBeenLastCalledWith('customer-3');
    fireEvent.doubleClick(cell(4, 'level'));
    expect(opened).toHaveBeenLastCalledWith('customer-4');
  });

  it('edits with F2, keeps with Enter and goes down, and offers to undo just that', async () => {
    await begin();
    await focusOn(0, 'phone');
    press('F2');
    const editor = await screen.findByTestId<HTMLInputElement>('cell-editor');
    await userEvent.clear(editor);
    await userEvent.type(editor, '0755-12345678');
    fireEvent.keyDown(editor, { key: 'Enter' });
    await waitFor(() => expect(cell(0, 'phone').textContent).toBe('0755-12345678'));
    await waitFor(() => expect(document.activeElement).toBe(cell(1, 'phone')));
    fireEvent.click(await screen.findByTestId('toast-undo'));
    await waitFor(() => expect(cell(0, 'phone').textContent).not.toBe('0755-12345678'));
  });

  it('replaces by typing, and drops with Escape', async () => {
    await begin();
    await focusOn(1, 'phone');
    const before = textAt(1, 'phone');
    press('9');
    const editor = await screen.findByTestId<HTMLInputElement>('cell-editor');
    expect(editor.value).toBe('9');
    fireEvent.keyDown(editor, { key: 'Escape' });
    await waitFor(() => expect(screen.queryByTestId('cell-editor')).toBeNull());
    expect(textAt(1, 'phone')).toBe(before);
  });

  it('keeps with Tab and goes right', async () => {
    await begin();
    await focusOn(1, 'phone');
    press('F2');
    const editor = await screen.findByTestId<HTMLInputElement>('cell-editor');
    fireEvent.change(editor, { target: { value: '010-1' } });
    fireEvent.keyDown(editor, { key: 'Tab' });
    await waitFor(() => expect(document.activeElement).toBe(cell(1, 'level')));
    expect(cell(1, 'phone').textContent).toBe('010-1');
  });

  it('leaves Enter to the input method', async () => {
    await begin();
    await focusOn(1, 'phone');
    press('F2');
    const editor = await screen.findByTestId<HTMLInputElement>('cell-editor');
    fireEvent.keyDown(editor, { key: 'Enter', keyCode: 229 });
    expect(screen.queryByTestId('cell-editor')).not.toBeNull();
  });

  it('puts a refused value back and says why', async () => {
    await begin({
      meddle: (method) => {
        if (method === 'update_many') {
          throw {
            code: 'invalid',
            params: {},
            field: 'phone',
            errors: [{ field: 'phone', code: 'phone_format', params: {} }],
          };
        }
      },
    });
    await focusOn(0, 'phone');
    const before = textAt(0, 'phone');
    press('F2');
    const editor = await screen.findByTestId('cell-editor');
    fireEvent.change(editor, { target: { value: 'nonsense' } });
    fireEvent.keyDown(editor, { key: 'Enter' });
    expect(await screen.findByText('不是有效的电话号码')).toBeTruthy();
    expect(cell(0, 'phone').textContent).toBe(before);
  });

  it('selects by Space, range and all', async () => {
    await begin();
    await focusOn(1, 'name');
    press(' ');
    expect(screen.getByTestId('chosen').textContent).toBe('1');
    fireEvent.click(cell(4, 'phone'), { shiftKey: true });
    await waitFor(() => expect(screen.getByTestId('chosen').textContent).toBe('4'));
    await focusOn(4, 'phone');
    press('a', { ctrlKey: true });
    expect(screen.getByTestId('chosen').textContent).toBe('all');
    press('Escape');
    expect(screen.getByTestId('chosen').textContent).toBe('0');
  });

  it('pastes a block from a spreadsheet over rows and columns', async () => {
    const updates: unknown[] = [];
    await begin({
      meddle: (method, params) => {
        if (method === 'update_many') updates.push(params);
      },
    });
    await focusOn(0, 'phone');
    fireEvent.paste(cell(0, 'phone'), {
      clipboardData: { getData: () => '010-1\tA 重点\t12.5万\n010-2\tB 重要\t300' },
    });
    await waitFor(() => expect(updates).toHaveLength(1));
    expect(updates[0]).toEqual({
      entity: 'customer',
      changes: [
        {
          id: 'customer-0',
          fields: { phone: '010-1', level: 'option-customer.level-0', annual_value: [12_500_000, 'CNY'] },
        },
        {
          id: 'customer-1',
          fields: { phone: '010-2', level: 'option-customer.level-1', annual_value: [30_000, 'CNY'] },
        },
      ],
    });
    await waitFor(() => expect(cell(1, 'phone').textContent).toBe('010-2'));
    // One step back takes the whole block with it.
    fireEvent.click(await screen.findByTestId('toast-undo'));
    await waitFor(() => expect(cell(1, 'phone').textContent).not.toBe('010-2'));
    await waitFor(() => expect(cell(0, 'phone').textContent).not.toContain('010-1'));
  });

  it('pastes over rows that are not loaded, and tells of those beyond the end', async () => {
    const updates: { changes: { id: string }[] }[] = [];
    await begin({
      customers: 350,
      meddle: (method, params) =>
        method === 'update_many' && updates.push(params as (typeof updates)[number]),
    });
    await focusOn(0, 'phone');
    const block = Array.from({ length: 352 }, (_, n) => `010-${n}`).join('\n');
    fireEvent.paste(cell(0, 'phone'), { clipboardData: { getData: () => block } });
    await waitFor(() => expect(updates).toHaveLength(1));
    expect(updates[0]?.changes).toHaveLength(350);
    expect(updates[0]?.changes.at(-1)).toEqual({ id: 'customer-349', fields: { phone: '010-349' } });
    expect(await screen.findByText('已粘贴 350 格')).toBeTruthy();
    expect(await screen.findByText('有 2 行超出列表末尾，没有粘贴')).toBeTruthy();
  });

  it('copies every selected row, loaded or not, and says how many', async () => {
    const writeText = vi.fn().mockResolvedValue(undefined);
    Object.defineProperty(navigator, 'clipboard', { configurable: true, value: { writeText } });
    await begin({ customers: 350, columns: ['phone', 'region'] });
    await focusOn(0, 'phone');
    press('a', { ctrlKey: true });
    press('c', { ctrlKey: true });
    expect(await screen.findByText('已复制 350 行')).toBeTruthy();
    expect(writeText.mock.calls[0]?.[0]).not.toMatch(/\t\d{6}$/m);
    expect(writeText.mock.calls[0]?.[0].split('\n')).toHaveLength(350);
    Reflect.deleteProperty(navigator, 'clipboard');
  });

  it('refuses to copy more than it can', async () => {
    await begin({ customers: 5001 });
    await focusOn(0, 'phone');
    press('a', { ctrlKey: true });
    press('c', { ctrlKey: true });
    expect(await screen.findByText('一次最多复制 5000 行，更多请用导出')).toBeTruthy();
  });

  it('sorts in the core when a head is clicked', async () => {
    const sorts: unknown[] = [];
    await begin({
      meddle: (method, params) => {
        if (method === 'view_open') sorts.push((params as { sort?: unknown }).sort);
      },
    });
    const head = within(screen.getByTestId('grid-header-annual_value')).getAllByRole('button')[0];
    if (!head) throw new Error('no label');
    fireEvent.keyDown(head, { key: 'Enter' });
    await waitFor(() => expect(sorts).toContainEqual([{ field: 'annual_value', descending: false }]));
    await waitFor(() =>
      expect(screen.getByTestId('grid-header-annual_value').getAttribute('aria-sort')).toBe('ascending'),
    );
  });

  it('follows records that were added elsewhere', async () => {
    const { call } = await import('../../transport/transport');
    await begin();
    await act(async () => {
      await call('add', { entity: 'customer', fields: { name: '新来的客户' } });
    });
    await waitFor(() => expect(screen.getByTestId('grid-count').textContent).toContain('31'));
  });
});
