import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { router } from '../../app/router';
import { openAt } from '../../test/open-at';
import type { OpenView } from '../../transport/contract';
import { setAskPath } from '../../transport/platform';

const FILTER = { field: { field: 'name', test: 'contains', value: '深圳' } };

describe('a list that could not be opened', () => {
  it.each([
    ['with a filter', `/customers?filter=${encodeURIComponent(JSON.stringify(FILTER))}`, FILTER],
    ['without one', '/customers', undefined],
  ])('%s asks for the very same view again', async (_how, address, filter) => {
    let failing = true;
    const { calls } = await openAt(address, {}, (method, params) => {
      if (failing && method === 'view_open' && (params as OpenView).entity === 'customer')
        throw { code: 'database', params: {} };
    });
    const again = await screen.findByTestId('error-retry');
    failing = false;
    fireEvent.click(again);
    expect((await screen.findAllByTestId('grid-row')).length).toBeGreaterThan(0);
    const opened = calls.filter(
      ({ method, params }) => method === 'view_open' && (params as OpenView).entity === 'customer',
    );
    expect((opened.at(-1)?.params as OpenView | undefined)?.filter).toEqual(filter);
    await waitFor(() => expect(screen.queryByTestId('error')).toBeNull());
  });
});

describe('the export of a list', () => {
  it('is there while rows are selected, says what it exports, and is busy until the file is written', async () => {
    let finish: () => void = () => undefined;
    const written = new Promise<void>((done) => {
      finish = done;
    });
    const { calls } = await openAt('/customers', {}, (method) =>
      method === 'export_view' ? written : undefined,
    );
    setAskPath(async () => '/tmp/list.xlsx');
    const [box] = await screen.findAllByTestId('grid-row-select');
    expect(screen.getByTestId('export').textContent).toBe('导出');
    fireEvent.click(box as HTMLElement);
    await waitFor(() => expect(screen.getByTestId('export').textContent).toBe('导出整个列表'));
    fireEvent.click(screen.getByTestId('export'));
    await waitFor(() => expect(screen.getByTestId('export').className).toContain('loading'));
    expect(calls.filter(({ method }) => method === 'export_view')).toHaveLength(1);
    finish();
    await waitFor(() => expect(screen.getByTestId('export').className).not.toContain('loading'));
    expect(await screen.findByText('已导出 30 行')).toBeTruthy();
  });
});

describe('the moments that every record has', () => {
  it('can be shown, sorted and filtered by', async () => {
    const { calls } = await openAt('/customers');
    await screen.findAllByTestId('grid-row');
    fireEvent.click(screen.getByTestId('columns-open'));
    fireEvent.click(within(await screen.findByTestId('column-chooser')).getByText('创建时间'));
    expect((await screen.findByTestId('grid-header-created_at')).textContent).toContain('创建时间');
    await waitFor(() => {
      const [cell] = screen.getAllByTestId('grid-cell-created_at');
      expect(cell?.textContent).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d$/);
    });
    const [label] = within(screen.getByTestId('grid-header-created_at')).getAllByRole('button');
    fireEvent.click(label as HTMLElement);
    const opened = () => calls.filter(({ method }) => method === 'view_open').at(-1)?.params as OpenView;
    await waitFor(() => expect(opened().sort).toEqual([{ field: 'created_at', descending: false }]));
    const since = { field: { field: 'updated_at', test: 'at_least', value: Date.UTC(2026, 0, 1) } };
    await act(async () => router.navigate({ to: '/customers', search: { filter: since } as never }));
    await waitFor(() => expect(screen.getByTestId('filter-chip').textContent).toContain('更新时间 不早于'));
    expect(opened().filter).toEqual(since);
  });
});
