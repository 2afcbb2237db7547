import { act, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { beforeEach, describe, expect, it } from 'vitest';
import { App } from '../../app/App';
import { router } from '../../app/router';
import { queryClient } from '../../data/client';
import type { FileState } from '../../transport/contract';
import { mockWire } from '../../transport/mock/mock';
import { connect, type Listener, TransportError } from '../../transport/transport';
import { startAnew } from '../import/flow';

const begin = (state: FileState) => {
  connect(mockWire({ state, customers: 5 }));
  render(<App />);
};

describe('the first minute', () => {
  beforeEach(() => queryClient.clear());

  it('asks for a name, shows the recovery key once, and ends in the list of the sample', async () => {
    begin({ name: 'first_run' });
    fireEvent.click(await screen.findByText('简体中文'));
    fireEvent.change(await screen.findByTestId('start-name'), { target: { value: '林知远' } });
    fireEvent.click(screen.getByTestId('start-begin'));
    expect((await screen.findByTestId('recovery-key')).textContent).toMatch(/^[A-Z0-9-]{20,}$/);
    const go = screen.getByTestId<HTMLButtonElement>('recovery-continue');
    expect(go.disabled).toBe(true);
    fireEvent.click(screen.getByTestId('recovery-kept'));
    await waitFor(() => expect(go.disabled).toBe(false));
    fireEvent.click(go);
    fireEvent.click(await screen.findByTestId('start-sample'));
    expect(await screen.findByTestId('app')).toBeTruthy();
    expect((await screen.findAllByTestId('grid-row')).length).toBeGreaterThan(5);
    expect(screen.queryByTestId('recovery-pending')).toBeNull();
  });

  it('keeps a file that is dropped early, and opens it once everything is set up', async () => {
    const mock = mockWire({ state: { name: 'first_run' } });
    let tell: Listener = () => undefined;
    const called: string[] = [];
    connect({
      listen(listener) {
        tell = listener;
        return mock.listen(listener);
      },
      call(method, params) {
        called.push(method);
        return mock.call(method, params);
      },
    });
    render(<App />);
    fireEvent.change(await screen.findByTestId('start-name'), { target: { value: '林知远' } });
    act(() => tell({ type: 'files_dropped', paths: ['C:\\客户\\2026.xlsx'] }));
    expect((await screen.findByTestId('start-file')).textContent).toContain('2026.xlsx');
    expect(called).not.toContain('import_open');
    fireEvent.click(screen.getByTestId('start-begin'));
    fireEvent.click(await screen.findByTestId('recovery-later'));
    expect((await screen.findAllByTestId('import-column')).length).toBeGreaterThan(1);
    act(() => {
      startAnew();
      router.history.replace('/customers');
    });
  });

  it('leads to where a team is joined', async () => {
    begin({ name: 'first_run' });
    fireEvent.change(await screen.findByTestId('start-name'), { target: { value: '林知远' } });
    fireEvent.click(screen.getByTestId('start-begin'));
    fireEvent.click(await screen.findByTestId('recovery-later'));
    fireEvent.click(await screen.findByTestId('start-join'));
    expect(await screen.findByTestId('join-invitation')).toBeTruthy();
    act(() => router.history.replace('/customers'));
  });

  it('speaks English at once when English is chosen', async () => {
    begin({ name: 'first_run' });
    fireEvent.click(await screen.findByText('English'));
    expect(await screen.findByText('Welcome to Ketu')).toBeTruthy();
  });
});

describe('a file that cannot be opened', () => {
  beforeEach(() => queryClient.clear());

  it('opens with the recovery key, and says when it is wrong', async () => {
    begin({ name: 'locked' });
    const key = await screen.findByTestId('unlock-key');
    fireEvent.change(key, { target: { value: 'AAAA-BBBB' } });
    fireEvent.click(screen.getByTestId('unlock'));
    expect(await screen.findByText(/恢复密钥不对/)).toBeTruthy();
    fireEvent.change(key, { target: { value: '7F3K-9QXM-2HTR-WD8C-4NVB-6JPZ' } });
    fireEvent.click(screen.getByTestId('unlock'));
    expect(await screen.findByTestId('app')).toBeTruthy();
  });

  it('offers the backups of a damaged file, the latest first', async () => {
    begin({ name: 'damaged', backups: 3 });
    expect(await screen.findByTestId('state-damaged')).toBeTruthy();
    expect((await screen.findAllByTestId('backup-restore')).length).toBe(3);
    const times = screen.getByTestId('backups').querySelectorAll('b');
    expect([...times].map((time) => time.textContent)).toEqual(
      [...times]
        .map((time) => time.textContent)
        .sort()
        .reverse(),
    );
  });

  it('asks for the recovery key of a backup that this laptop does not open', async () => {
    const mock = mockWire({ state: { name: 'damaged', backups: 3 } });
    const tried: unknown[] = [];
    connect({
      listen: mock.listen,
      async call(method, params) {
        if (method === 'restore_backup') {
          tried.push(params);
          if (!('recovery_key' in (params as object))) throw new TransportError('locked');
        }
        return mock.call(method, params);
      },
    });
    render(<App />);
    fireEvent.click((await screen.findAllByTestId('backup-restore'))[0] as HTMLElement);
    fireEvent.click(await screen.findByTestId('ask-ok'));
    fireEvent.change(await screen.findByTestId('restore-key'), { target: { value: ' 7F3K-9QXM ' } });
    fireEvent.click(screen.getByTestId('restore-key-ok'));
    expect(await screen.findByTestId('app')).toBeTruthy();
    expect(tried.at(-1)).toEqual({ name: 'b1', recovery_key: '7F3K-9QXM' });
  });

  it.each(['newer', 'foreign', 'plaintext', 'shut_out'] as const)(
    '%s: says what happened, what is safe and what to do',
    async (name) => {
      begin({ name });
      const page = await screen.findByTestId(`state-${name}`);
      for (const part of ['发生了什么', '数据是否安全', '怎么办']) expect(page.textContent).toContain(part);
    },
  );

  it('opens by itself once the server that was not heard for too long answers', async () => {
    const mock = mockWire({
      state: { name: 'out_of_reach', since: Date.UTC(2026, 9, 1), days: 30 },
      sync: 'offline',
      customers: 5,
    });
    let tell: Listener = () => undefined;
    const called: string[] = [];
    let heard = false;
    connect({
      listen(listener) {
        tell = listener;
        return mock.listen(listener);
      },
      async call(method, params) {
        called.push(method);
        const answer = await mock.call(method, params);
        return method === 'status' && heard ? { ...(answer as object), state: { name: 'ready' } } : answer;
      },
    });
    render(<App />);
    const page = await screen.findByTestId('state-out_of_reach');
    expect(page.textContent).toContain('30 天');
    expect(await screen.findByTestId('reach-trouble')).toBeTruthy();
    fireEvent.click(screen.getByTestId('reach-now'));
    await waitFor(() => expect(called).toContain('sync_now'));
    heard = true;
    act(() => tell({ type: 'status' }));
    expect(await screen.findByTestId('app')).toBeTruthy();
  });

  it('names who uses the data', async () => {
    begin({ name: 'in_use', owner: '前台电脑' });
    expect((await screen.findByTestId('state-in_use')).textContent).toContain('前台电脑');
  });
});

describe('a recovery key that was not ticked as kept', () => {
  beforeEach(() => queryClient.clear());

  it('is not replaced by a click on the notice: a question comes first, and no leaves it alone', async () => {
    const mock = mockWire({ state: { name: 'first_run' } });
    const called: string[] = [];
    connect({
      listen: mock.listen,
      call(method, params) {
        called.push(method);
        return mock.call(method, params);
      },
    });
    render(<App />);
    fireEvent.click(await screen.findByText('简体中文'));
    fireEvent.change(await screen.findByTestId('start-name'), { target: { value: '林知远' } });
    fireEvent.click(screen.getByTestId('start-begin'));
    fireEvent.click(await screen.findByTestId('recovery-later'));
    fireEvent.click(await screen.findByTestId('start-sample'));
    fireEvent.click(await screen.findByTestId('recovery-pending'));
    expect((await screen.findByTestId('recovery-ask')).textContent).toContain('失效');
    fireEvent.click(screen.getByText('取消'));
    await waitFor(() => expect(screen.queryByTestId('recovery-ask')).toBeNull());
    expect(called).not.toContain('new_recovery_key');
    fireEvent.click(screen.getByTestId('recovery-pending'));
    fireEvent.click(await screen.findByTestId('recovery-make'));
    expect((await screen.findByTestId('recovery-key')).textContent).toMatch(/^[A-Z0-9-]{20,}$/);
  });
});
