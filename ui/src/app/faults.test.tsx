import { fireEvent, render, screen, waitFor } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { Boundary } from '../components/feedback/Boundary';
import { openAt } from '../test/open-at';
import { mockWire } from '../transport/mock/mock';
import { connect, TransportError } from '../transport/transport';
import { App } from './App';

/** The mock core; `refuse` throws for the calls that fail. */
function wireThat(refuse: (method: string) => void) {
  const mock = mockWire({ customers: 3 });
  connect({
    listen: mock.listen,
    async call(method, params) {
      refuse(method);
      return mock.call(method, params);
    },
  });
}

describe('when something fails', () => {
  it('a catalog that does not come is told, and asked for again', async () => {
    let broken = true;
    wireThat((method) => {
      if (method === 'catalog' && broken) throw new TransportError('database');
    });
    render(<App />);
    expect((await screen.findByTestId('error')).textContent).toContain('数据库没有完成');
    broken = false;
    fireEvent.click(screen.getByTestId('error-retry'));
    expect(await screen.findByTestId('app')).toBeTruthy();
  });

  it('a page that cannot be drawn says so in the language of the window', () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    let broken = true;
    const Page = () => {
      if (broken) throw new Error('fault');
      return <p>whole</p>;
    };
    render(
      <Boundary>
        <Page />
      </Boundary>,
    );
    expect(screen.getByRole('alert').textContent).toContain('这一页没有显示出来');
    broken = false;
    fireEvent.click(screen.getByTestId('error-retry'));
    expect(screen.getByText('whole')).toBeTruthy();
  });

  it('a recycle bin that cannot be read says why, and is read again', async () => {
    let broken = true;
    await openAt('/recycle-bin', {}, (method, params) => {
      if (method === 'view_open' && (params as { deleted?: boolean }).deleted && broken) {
        throw new TransportError('view_failed');
      }
    });
    expect((await screen.findByTestId('error')).textContent).toContain('列表没有读出来');
    broken = false;
    fireEvent.click(screen.getByTestId('error-retry'));
    expect(await screen.findByTestId('bin-restore')).toBeTruthy();
  });

  it('a choice of the window that was not kept is told, and shown as it was', async () => {
    await openAt('/customers', {}, (method) => {
      if (method === 'update_settings') throw new TransportError('disk_full');
    });
    const navigation = screen.getByRole('navigation', { name: '主导航' });
    fireEvent.keyDown(document.body, { key: '[' });
    expect((await screen.findByTestId('toast')).textContent).toContain('磁盘已满');
    await waitFor(() => expect(navigation.className).toBe('nav'));
  });

  it('a damaged file that was moved aside is told with its place', async () => {
    const mock = mockWire({ state: { name: 'damaged', backups: 3 } });
    connect({
      listen: mock.listen,
      async call(method, params) {
        const answer = await mock.call(method, params);
        return method === 'restore_backup'
          ? { ...(answer as object), moved_aside: '/data/aside.db' }
          : answer;
      },
    });
    render(<App />);
    fireEvent.click((await screen.findAllByTestId('backup-restore'))[0] as HTMLElement);
    fireEvent.click(await screen.findByTestId('ask-ok'));
    expect(await screen.findByText(/\/data\/aside\.db/)).toBeTruthy();
  });
});
