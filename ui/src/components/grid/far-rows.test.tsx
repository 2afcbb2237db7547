import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { call } from '../../transport/transport';
import { begin, cell, focusOn, press, textAt } from './grid-for-tests';

const scroll = (index: number) => {
  const grid = screen.getByRole('grid');
  const height = Number.parseInt(screen.getAllByTestId('grid-row')[0]?.style.height ?? '', 10);
  grid.scrollTop = index * height;
  fireEvent.scroll(grid);
};
const scrollTo = async (index: number) => {
  scroll(index);
  await waitFor(() => expect(textAt(index, 'name')).not.toBe(''));
};

describe('rows far down a list', () => {
  it('keep their open editor and its text while the list is fetched anew, and are saved by their record', async () => {
    const updates: unknown[] = [];
    const views: unknown[] = [];
    await begin({
      customers: 400,
      meddle: (method, params) => {
        if (method === 'update_many') updates.push(params);
        if (method === 'view_open') views.push(params);
      },
    });
    await scrollTo(250);
    await focusOn(250, 'phone');
    press('F2');
    const editor = await screen.findByTestId('cell-editor');
    fireEvent.input(editor, { target: { value: '010-250' } });
    const before = views.length;
    await act(() => call('update', { entity: 'customer', id: 'customer-3', fields: { phone: '010-3' } }));
    await new Promise((done) => setTimeout(done, 60));
    expect(screen.getByTestId<HTMLInputElement>('cell-editor').value).toBe('010-250');
    fireEvent.keyDown(screen.getByTestId('cell-editor'), { key: 'Enter' });
    await waitFor(() =>
      expect(updates).toEqual([
        { entity: 'customer', changes: [{ id: 'customer-250', fields: { phone: '010-250' } }] },
      ]),
    );
    // What was put off while the editor was open is made up for.
    await waitFor(() => expect(views.length).toBeGreaterThan(before));
    await waitFor(() => expect(textAt(250, 'phone')).toBe('010-250'));
  });

  it('keep their editor when they are scrolled so far away that they leave memory', async () => {
    await begin({ customers: 3000 });
    await focusOn(5, 'phone');
    press('F2');
    fireEvent.input(await screen.findByTestId('cell-editor'), { target: { value: '010-5' } });
    for (const index of [600, 1200, 1800, 2400, 2900]) await scrollTo(index);
    fireEvent.keyDown(screen.getByTestId('cell-editor'), { key: 'Enter' });
    await waitFor(async () =>
      expect((await call('get', { entity: 'customer', id: 'customer-5' })).fields.phone).toBe('010-5'),
    );
  });

  it('say that they did not come, and come when they are asked for again', async () => {
    let failing = true;
    await begin({
      customers: 400,
      meddle: (method) => {
        if (failing && method === 'view_window') throw { code: 'database', params: {} };
      },
    });
    scroll(250);
    expect((await screen.findByTestId('grid-trouble')).textContent).toContain('有些数据没有取到');
    failing = false;
    fireEvent.click(screen.getByTestId('grid-retry'));
    await waitFor(() => expect(cell(250, 'name').textContent).not.toBe(''));
    await waitFor(() => expect(screen.queryByTestId('grid-trouble')).toBeNull());
  });
});
