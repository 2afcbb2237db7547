import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  RouterProvider,
} from '@tanstack/react-router';
import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import type { ReactNode } from 'react';
import { beforeEach, describe, expect, it } from 'vitest';
import { Toasts } from '../../components/feedback/Toasts';
import { renderInside, tell } from '../../test/render';
import { DropWatch } from './DropWatch';
import { openFile, startAnew, useFlow } from './flow';
import { ImportPage } from './ImportPage';
import { ImportPill } from './Pill';

function show(at = '/import', meddle?: (method: string, params: unknown) => void) {
  const root = createRootRoute({
    component: () => (
      <>
        <ImportPill />
        <DropWatch onOpen={() => void router.navigate({ to: '/import' as never })} />
        <Outlet />
        <Toasts />
      </>
    ),
  });
  const page = (path: string, component: () => ReactNode) =>
    createRoute({ getParentRoute: () => root, path, component });
  const router = createRouter({
    routeTree: root.addChildren([
      page('/import', () => <ImportPage />),
      page('/customers', () => <p>customers</p>),
    ]),
    history: createMemoryHistory({ initialEntries: [at] }),
  });
  renderInside(<RouterProvider router={router as never} />, {}, meddle);
  return router;
}

const card = (action: string) => screen.getByTestId(`import-card-${action}`);
const toCheck = async (file = 'customers.xlsx') => {
  await screen.findByTestId('import-drop');
  await act(() => openFile(file));
  fireEvent.click(await screen.findByTestId('import-check'));
  await screen.findByTestId('plan-rows', undefined, { timeout: 8000 });
};

beforeEach(() => {
  startAnew();
  useFlow.setState({ rule: 'skip' });
});

describe('the import page', () => {
  it('opens a file that was dropped on another page', async () => {
    const router = show('/customers');
    await screen.findByText('customers');
    act(() => tell({ type: 'files_over', over: true }));
    expect(screen.getByTestId('drop-over').textContent).toContain('松开即可导入');
    act(() => tell({ type: 'files_dropped', paths: ['/x/a.xlsx', '/x/b.xlsx'] }));
    expect(screen.queryByTestId('drop-over')).toBeNull();
    await screen.findAllByTestId('import-column');
    expect(router.state.location.pathname).toBe('/import');
    expect((await screen.findByTestId('toast')).textContent).toContain('一次导入一个文件');
  });

  it('tells of a refused file what happened, what is safe and what to do', async () => {
    show();
    await screen.findByTestId('import-drop');
    await act(() => openFile('/x/locked.xlsx'));
    const refused = await screen.findByTestId('import-refused');
    expect(refused.textContent).toContain('这个表格设了密码');
    expect(refused.textContent).toContain('没有任何改动');
    expect(within(refused).getByTestId('import-another')).toBeTruthy();
    expect(within(refused).getByTestId('import-retry')).toBeTruthy();
  });

  it('does not go on without a column that names the customer, and shows the header rows then', async () => {
    show();
    await screen.findByTestId('import-drop');
    await act(() => openFile('plain.xlsx'));
    expect(await screen.findByTestId('import-need-customer')).toBeTruthy();
    expect(screen.getByTestId<HTMLButtonElement>('import-check').disabled).toBe(true);
    expect(screen.getAllByTestId('import-preview-row').length).toBeGreaterThan(3);
  });

  it('makes a row of the preview the header, by mouse and by key', async () => {
    show();
    await screen.findByTestId('import-drop');
    await act(() => openFile('customers.xlsx'));
    fireEvent.click(await screen.findByTestId('import-change-header'));
    fireEvent.click(screen.getByTestId('import-header-up'));
    await waitFor(() => expect(screen.getByTestId('import-header-row').textContent).toContain('第 1 行'));
    const [first] = screen.getAllByTestId('import-preview-row');
    if (!first) throw new Error('no preview');
    fireEvent.keyDown(first, { key: 'Enter', keyCode: 229 });
    expect(screen.getByTestId('import-header-row').textContent).toContain('第 1 行');
    fireEvent.keyDown(first, { key: 'Enter' });
    await waitFor(() => expect(screen.getByTestId('import-header-row').textContent).toContain('第 3 行'));
  });

  it('shows every row before anything is written, and filters by result (B2)', async () => {
    const asked: unknown[] = [];
    const methods: string[] = [];
    show('/import', (method, params) => {
      methods.push(method);
      if (method === 'import_rows') asked.push(params);
    });
    await toCheck();
    expect(screen.getByTestId('import-nothing-yet')).toBeTruthy();
    expect(card('all').textContent).toContain('420');
    expect(screen.getByTestId('plan-rows').getAttribute('aria-rowcount')).toBe('421');
    expect((await screen.findAllByTestId('plan-row')).length).toBeLessThan(60);
    fireEvent.click(card('fail'));
    expect(card('fail').getAttribute('aria-pressed')).toBe('true');
    await waitFor(() => expect(asked).toContainEqual(expect.objectContaining({ only: 'fail', limit: 100 })));
    const bad = await screen.findAllByTestId('plan-bad-cell');
    expect(bad[0]?.getAttribute('aria-invalid')).toBe('true');
    const row = screen.getAllByTestId('plan-row').find((one) => one.textContent?.includes('1380013'));
    expect(row?.textContent).toContain('手机「1380013」电话号码位数不对');
    expect(methods).not.toContain('import_apply');
  });

  it('imports, counts by kind of record, and takes it all back after a question', async () => {
    show();
    await toCheck();
    const creates = card('create').textContent?.replace(/\D/g, '');
    fireEvent.click(screen.getByTestId('import-apply'));
    const result = await screen.findByTestId('import-result', undefined, { timeout: 8000 });
    expect(within(result).getByTestId('import-created').textContent).toBe(creates);
    expect(result.textContent).toContain(`联系人 ${creates}`);
    expect(within(result).getByTestId('import-save-failed')).toBeTruthy();
    fireEvent.click(within(result).getByTestId('import-undo'));
    fireEvent.click(await screen.findByTestId('import-undo-confirm'));
    await waitFor(() => expect(result.textContent).toContain('导入已撤销'));
    fireEvent.click(screen.getByTestId('import-anew'));
    expect((await screen.findByTestId('import-recent')).textContent).toContain('已撤销');
  });

  it('goes on behind another page: a pill tells how far, and leads back', async () => {
    const router = show();
    await toCheck('slow.xlsx');
    fireEvent.click(screen.getByTestId('import-apply'));
    await act(() => router.navigate({ to: '/customers' as never }));
    const pill = await screen.findByTestId('import-pill');
    await waitFor(() => expect(pill.textContent).toMatch(/正在写入 \d+%/), { timeout: 8000 });
    await waitFor(() => expect(pill.textContent).toContain('导入完成'), { timeout: 15_000 });
    fireEvent.click(pill);
    expect(await screen.findByTestId('import-result')).toBeTruthy();
    expect(screen.queryByTestId('import-pill')).toBeNull();
  }, 40_000);

  it('shows a run that lasts with its count, and cancels it', async () => {
    show();
    await toCheck('slow.xlsx');
    fireEvent.click(screen.getByTestId('import-apply'));
    const progress = await screen.findByTestId('import-progress');
    expect(progress.textContent).toContain('取消后不会留下任何内容');
    await waitFor(() => expect(screen.getByTestId('import-count').textContent).toContain('/ 420 行'), {
      timeout: 8000,
    });
    fireEvent.click(screen.getByTestId('import-cancel'));
    expect((await screen.findByTestId('import-notice', undefined, { timeout: 8000 })).textContent).toContain(
      '没有写入任何内容',
    );
    expect(screen.getByTestId('import-apply')).toBeTruthy();
  }, 40_000);
});
