import { act, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { router } from '../../app/router';
import { showSyncStatus } from '../../data/sync';
import { i18n } from '../../i18n';
import { openAt } from '../../test/open-at';
import type { SyncStatus } from '../../transport/contract';
import { setAskPath } from '../../transport/platform';
import { call } from '../../transport/transport';
import { Said } from './Said';
import { findingWords, phaseWords, progressWords, thrownWords } from './words';

const t = i18n.t;

describe('the words of the sync', () => {
  it('count large imports with their separators, and never beyond the whole', () => {
    expect(progressWords(t, { step: 'sending', done: 32_000, total: 100_000 })).toBe(
      '正在发送 32,000 / 100,000',
    );
    expect(progressWords(t, { step: 'receiving', done: 7, total: 5 })).toBe('正在接收 5 / 5');
    expect(progressWords(t, { step: 'comparing', done: 0, total: null })).toBe('正在与服务器核对');
  });

  it('do not call a server offline that answers and puts work off', () => {
    const trouble = (code: string) => ({ code, params: {}, stops: false, retry_at: null });
    expect(phaseWords(t, { phase: 'offline', trouble: trouble('busy') })).toBe('等待重试');
    expect(phaseWords(t, { phase: 'offline', trouble: trouble('portal') })).toBe('离线');
  });

  it('say of what kept a request from the server what happened, what is safe and what to do', () => {
    const words = thrownWords(t, { code: 'sync_certificate', params: {} });
    expect(words.title).toContain('证书');
    expect(words.safe).toContain('没有发送任何内容');
    expect(words.todo).toContain('管理员');
    expect(thrownWords(t, { code: 'moon_phase', params: {} }).code).toBe('moon_phase');
  });

  it.each([
    [{ level: 'problem', code: 'network', params: { reason: 'offline' } }, '连不上服务器'],
    [{ level: 'problem', code: 'rights', params: { reason: 'revoked' } }, '已被停用'],
    [{ level: 'warning', code: 'clock', params: { offset_ms: '-660000' } }, '相差 11 分钟'],
    [{ level: 'problem', code: 'disk', params: { left_mb: '120' } }, '只剩 120 MB'],
    [{ level: 'warning', code: 'outbox', params: { count: '1200' } }, '有 1,200 项修改等待发送'],
    [{ level: 'problem', code: 'moon', params: {} }, '同步遇到了问题'],
  ])('make a sentence of the finding %j', (finding, words) => {
    expect(findingWords(t, finding)).toContain(words);
  });
});

describe('the badge', () => {
  it('is not there on a laptop of its own', async () => {
    await openAt('/customers');
    await screen.findAllByTestId('grid-row');
    expect(screen.queryByTestId('sync-badge')).toBeNull();
  });

  it('is not there either where the core does not say', async () => {
    await openAt('/customers', { sync: 'waiting' }, (method) => {
      if (method === 'sync_status') throw { code: 'not_yet', params: {} };
    });
    await screen.findAllByTestId('grid-row');
    expect(screen.queryByTestId('sync-badge')).toBeNull();
  });

  it('opens a panel that the keyboard reaches and Escape closes, back to where it was', async () => {
    await openAt('/customers', { sync: 'offline' });
    const badge = await screen.findByTestId('sync-badge');
    for (const words of ['同步', '离线', '未同步 1,209', '待定修改', '待处理']) {
      expect(badge.textContent).toContain(words);
    }
    fireEvent.click(badge);
    const panel = await screen.findByTestId('sync-panel');
    await waitFor(() => expect(panel.contains(document.activeElement)).toBe(true));
    expect(panel.textContent).toContain('修改都保存在这台电脑里');
    expect(within(panel).getByTestId('sync-to-outbox').textContent).toContain('1,209');
    fireEvent.keyDown(panel, { key: 'Escape' });
    await waitFor(() => expect(screen.queryByTestId('sync-panel')).toBeNull());
    expect(document.activeElement).toBe(badge);
  });

  it('syncs, says how far it is, and is through', async () => {
    const { calls } = await openAt('/customers', { sync: 'waiting' });
    fireEvent.click(await screen.findByTestId('sync-badge'));
    fireEvent.click(await screen.findByTestId('sync-now'));
    await waitFor(() => expect(screen.getByTestId('sync-badge').dataset.phase).toBe('up_to_date'));
    expect(calls.some(({ method }) => method === 'sync_now')).toBe(true);
  });

  it('is told to who hears the page where it stops, goes on, or refuses something', () => {
    const status: SyncStatus = {
      account: null,
      phase: 'syncing',
      pending: 0,
      attention: 1,
      conflicts: 0,
      last_sync: null,
      waiting_since: null,
      trouble: null,
      progress: null,
      weak_network: false,
      clock_offset: 0,
    };
    const trouble = { code: 'revoked', params: {}, stops: true, retry_at: null };
    const { rerender } = render(<Said status={status} />);
    const said = screen.getByRole('status');
    expect(said.textContent).toBe('');
    rerender(<Said status={{ ...status, phase: 'stopped', trouble }} />);
    expect(said.textContent).toBe('同步已停止：这台电脑已被停用');
    rerender(<Said status={{ ...status, attention: 3 }} />);
    expect(said.textContent).toContain('同步已恢复');
    expect(said.textContent).toContain('又有 2 条修改服务器没有采用');
  });

  it('can be paused and resumed from the palette', async () => {
    const { calls } = await openAt('/customers', { sync: 'up_to_date' });
    const palette = async (typed: string) => {
      await screen.findByTestId('sync-badge');
      fireEvent.keyDown(document.body, { key: 'k', ctrlKey: true });
      fireEvent.change(await screen.findByTestId('palette-input'), { target: { value: typed } });
      fireEvent.click(await screen.findByTestId('palette-sync-pause'));
    };
    await palette('暂停同步');
    await waitFor(() => expect(screen.getByTestId('sync-badge').dataset.phase).toBe('paused'));
    await palette('继续同步');
    await waitFor(() => expect(screen.getByTestId('sync-badge').dataset.phase).toBe('up_to_date'));
    const asked = calls.filter(({ method }) => method === 'sync_pause').map(({ params }) => params);
    expect(asked).toEqual([{ paused: true }, { paused: false }]);
  });

  it('says that a clock is wrong, and by how much', async () => {
    await openAt('/customers', { sync: 'clock' });
    fireEvent.click(await screen.findByTestId('sync-badge'));
    expect((await screen.findByTestId('sync-clock')).textContent).toContain('慢了 11 分钟');
  });

  it('leads to the log-in where the password was changed', async () => {
    await openAt('/customers', { sync: 'login' });
    fireEvent.click(await screen.findByTestId('sync-badge'));
    fireEvent.click(await screen.findByTestId('sync-to-log-in'));
    const input = await screen.findByTestId('log-in-password');
    fireEvent.change(input, { target: { value: 'wrong-password' } });
    fireEvent.click(screen.getByTestId('log-in-go'));
    expect((await screen.findByTestId('log-in-problem')).textContent).toContain('登录没有通过');
    fireEvent.change(input, { target: { value: 'correct horse battery' } });
    fireEvent.click(screen.getByTestId('log-in-go'));
    await waitFor(() => expect(screen.getByTestId('sync-badge').dataset.phase).toBe('up_to_date'));
  });

  it('takes a new invitation where an administrator reset the password', async () => {
    const { calls } = await openAt('/settings?section=sync', { sync: 'login' });
    fireEvent.click(await screen.findByTestId('log-in-other'));
    fireEvent.change(screen.getByTestId('log-in-invitation'), { target: { value: 'ketu1_new' } });
    fireEvent.change(screen.getByTestId('log-in-password'), { target: { value: 'too short' } });
    expect(screen.getByTestId('log-in-go').hasAttribute('disabled')).toBe(true);
    fireEvent.change(screen.getByTestId('log-in-password'), { target: { value: 'correct horse battery' } });
    fireEvent.click(screen.getByTestId('log-in-go'));
    await waitFor(() =>
      expect(calls.find(({ method }) => method === 'sync_log_in')?.params).toEqual({
        password: 'correct horse battery',
        invitation: 'ketu1_new',
      }),
    );
    expect(await screen.findByText('已登录，同步继续')).toBeTruthy();
    expect(screen.queryByTestId('log-in-invitation')).toBeNull();
  });
});

describe('the sync log', () => {
  it('says what became of edits that did not simply stand', async () => {
    await openAt('/sync?tab=log', { sync: 'up_to_date' });
    const text = (await screen.findByTestId('sync-log')).textContent ?? '';
    expect(text).toContain('与同事的修改合并了4 次修改');
    expect(text).toContain('你写的在记录的历史里1 处');
    expect(text).toContain('内容在「待处理」里2 次修改');
  });
});

describe('what the server misses', () => {
  it('stands there in words, an import as one line', async () => {
    await openAt('/sync?tab=outbox', { sync: 'waiting', customers: 40 });
    const lines = await screen.findAllByTestId('outbox-line');
    const text = lines.map((line) => line.textContent ?? '');
    expect(text.some((one) => /商机「.*」阶段 .*→/.test(one))).toBe(true);
    expect(text.some((one) => one.includes('导入 1,200 项'))).toBe(true);
    expect(text.some((one) => one.startsWith('新建互动'))).toBe(true);
    expect(text[1]).toContain('小时前');
  });

  it('is taken back before it is sent; what is under way is not', async () => {
    const { calls } = await openAt('/sync?tab=outbox', { sync: 'waiting', customers: 40 });
    const lines = await screen.findAllByTestId('outbox-line');
    expect(within(lines[0] as HTMLElement).queryByTestId('outbox-cancel')).toBeNull();
    const what = (lines[1] as HTMLElement).dataset.op;
    fireEvent.click(within(lines[1] as HTMLElement).getByTestId('outbox-cancel'));
    await waitFor(() =>
      expect(screen.getAllByTestId('outbox-line').every(({ dataset }) => dataset.op !== what)).toBe(true),
    );
    expect(calls.find(({ method }) => method === 'outbox_cancel')?.params).toMatchObject({ op: what });
    expect(await screen.findByText(/^已撤回/)).toBeTruthy();
  });

  it('asks before it takes back an import', async () => {
    const { calls } = await openAt('/sync?tab=outbox', { sync: 'waiting', customers: 40 });
    const lines = await screen.findAllByTestId('outbox-line');
    const imported = lines.find((line) => line.textContent?.includes('导入')) as HTMLElement;
    fireEvent.click(within(imported).getByTestId('outbox-cancel'));
    fireEvent.click(await screen.findByTestId('ask-cancel'));
    expect(calls.some(({ method }) => method === 'outbox_cancel')).toBe(false);
  });

  it('asks before a new record goes with all that was typed', async () => {
    const { calls } = await openAt('/sync?tab=outbox', { sync: 'waiting', customers: 40 });
    const cancelled = () => calls.filter(({ method }) => method === 'outbox_cancel');
    const made = (await screen.findAllByTestId('outbox-line')).find((line) =>
      line.textContent?.startsWith('新建互动'),
    ) as HTMLElement;
    fireEvent.click(within(made).getByTestId('outbox-cancel'));
    const question = await screen.findByTestId('ask');
    expect(question.textContent).toMatch(/撤回新建互动「.+」？/);
    expect(question.textContent).toContain('连同写下的内容一起消失');
    await waitFor(() => expect(document.activeElement).toBe(screen.getByTestId('ask-cancel')));
    fireEvent.click(screen.getByTestId('ask-cancel'));
    await waitFor(() => expect(screen.queryByTestId('ask')).toBeNull());
    expect(cancelled()).toHaveLength(0);
    fireEvent.click(within(made).getByTestId('outbox-cancel'));
    fireEvent.click(await screen.findByTestId('ask-ok'));
    await waitFor(() => expect(cancelled()).toHaveLength(1));
  });

  it('says how many go with a change of many records, before and after', async () => {
    const { calls } = await openAt('/sync?tab=outbox', { sync: 'waiting', customers: 40 });
    await screen.findAllByTestId('outbox-line');
    const ids = ['customer-11', 'customer-12', 'customer-13', 'customer-14'];
    const changes = ids.map((id) => ({ id, fields: { note: '拜访后再议' } }));
    await act(() => call('update_many', { entity: 'customer', changes }));
    const [line] = await screen.findAllByText(/拜访后再议/);
    const row = line?.closest<HTMLElement>('[data-testid="outbox-line"]') as HTMLElement;
    fireEvent.click(within(row).getByTestId('outbox-cancel'));
    const question = await screen.findByTestId('ask');
    expect(question.textContent).toContain('撤回这 4 项？');
    expect(question.textContent).toMatch(/客户「.+」、客户「.+」、客户「.+」等是同一次操作/);
    expect(calls.some(({ method }) => method === 'outbox_cancel')).toBe(false);
    fireEvent.click(screen.getByTestId('ask-ok'));
    expect(await screen.findByText(/^已撤回：客户「.+」 等 4 项$/)).toBeTruthy();
    expect(screen.queryAllByText(/拜访后再议/)).toHaveLength(0);
  });

  it('tells a decision as one, and leads to its card', async () => {
    await openAt('/sync?tab=conflicts', { sync: 'waiting', customers: 40 });
    const card = (await screen.findAllByTestId('conflict-row'))[0]?.dataset.card as string;
    await act(() => call('settle_conflicts', { ids: [card], choice: 'theirs' }));
    act(() => router.history.replace('/sync?tab=outbox'));
    const to = await screen.findByLabelText(/^查看决定「/);
    const line = to.closest<HTMLElement>('[data-testid="outbox-line"]') as HTMLElement;
    await waitFor(() => expect(line.textContent).toMatch(/^对商机「.+」预计金额、阶段的决定：用了周敏的/));
    expect(line.textContent).not.toMatch(/amount|open|theirs/);
    fireEvent.click(to);
    await waitFor(() =>
      expect(document.querySelector(`[data-card="${card}"]`)?.getAttribute('aria-current')).toBe('true'),
    );
    expect(screen.getByTestId('conflict-settled').textContent).toBe('用了周敏的');
  });

  it('says why where it cannot be taken back any more', async () => {
    await openAt('/sync?tab=outbox', { sync: 'waiting', customers: 40 }, (method) => {
      if (method === 'outbox_cancel') throw { code: 'built_upon', params: {} };
    });
    const [, line] = await screen.findAllByTestId('outbox-line');
    fireEvent.click(within(line as HTMLElement).getByTestId('outbox-cancel'));
    expect(await screen.findByText(/后面还有以它为基础的修改/)).toBeTruthy();
  });

  it('loads windows of a hundred thousand lines, and no more', async () => {
    const { calls } = await openAt('/sync?tab=outbox', {
      sync: 'waiting',
      customers: 40,
      outbox: 100_000,
    });
    await screen.findAllByTestId('outbox-line');
    expect(screen.getAllByTestId('outbox-line').length).toBeLessThan(40);
    expect(calls.filter(({ method }) => method === 'outbox').length).toBeLessThan(6);
  });

  it('is written to a workbook', async () => {
    const { calls } = await openAt('/sync?tab=outbox', { sync: 'waiting', customers: 40 });
    await screen.findAllByTestId('outbox-line');
    setAskPath(async (_, name) => `/tmp/${name}`);
    fireEvent.click(screen.getByTestId('outbox-export'));
    expect(await screen.findByText('已导出未同步内容')).toBeTruthy();
    const { params } = calls.find(({ method }) => method === 'outbox_export') as { params: { path: string } };
    expect(params.path).toMatch(/\.xlsx$/);
  });

  it('marks its records in the list and on their page, and nowhere on a laptop of its own', async () => {
    await openAt('/customers', { sync: 'waiting', customers: 40 });
    const row = (await screen.findAllByTestId('grid-row'))[0] as HTMLElement;
    expect((await within(row).findByTestId('unsynced')).getAttribute('aria-label')).toBe('已发送，待确认');
  });
});

describe('what the server did not take', () => {
  it('says why, shows what was typed, and hands on in one card what went to a colleague', async () => {
    await openAt('/sync?tab=attention', { sync: 'waiting', customers: 40 });
    const reasons = (await screen.findAllByTestId('attention-reason')).map((one) => one.textContent);
    expect(reasons[0]).toContain('「统一社会信用代码」的内容不符合公司的规则');
    expect(reasons[1]).toContain('没有修改这条记录的权限');
    expect(screen.getAllByTestId('attention-item')[0]?.textContent).toContain('请打开记录改好再保存');
    const typed = screen.getAllByTestId('attention-text').map((one) => one.textContent);
    expect(typed.some((text) => text?.includes('IP67'))).toBe(true);
    expect(screen.getByTestId('attention-handed').textContent).toContain('3 条修改已转交陈思齐');
  });

  it('is tried again where that can help, and dismissed', async () => {
    const { calls } = await openAt('/sync?tab=attention', { sync: 'waiting', customers: 40 });
    fireEvent.click((await screen.findAllByTestId('attention-retry'))[0] as HTMLElement);
    await waitFor(() => expect(screen.getAllByTestId('attention-item')).toHaveLength(1));
    expect(screen.queryByTestId('attention-retry')).toBeNull();
    fireEvent.click(screen.getByTestId('attention-dismiss'));
    fireEvent.click(await screen.findByTestId('ask-ok'));
    await waitFor(() => expect(screen.queryByTestId('attention-item')).toBeNull());
    fireEvent.click(screen.getByTestId('attention-handed-dismiss'));
    await screen.findByText('没有待处理的内容。');
    expect(calls.filter(({ method }) => method === 'attention_dismiss')).toHaveLength(3);
  });

  it('keeps what was typed until somebody says that it may go, and lets it be copied before', async () => {
    const { calls } = await openAt('/sync?tab=attention', { sync: 'waiting', customers: 40 });
    const dismissed = () => calls.filter(({ method }) => method === 'attention_dismiss');
    const copied: string[] = [];
    vi.stubGlobal('navigator', {
      ...navigator,
      clipboard: { writeText: async (text: string) => void copied.push(text) },
    });
    try {
      const one = (await screen.findAllByTestId('attention-dismiss'))[0] as HTMLElement;
      expect(one.textContent).toBe('不再保留');
      fireEvent.click(one);
      const question = await screen.findByTestId('ask');
      expect(question.textContent).toContain('写下的内容只在这里');
      await waitFor(() => expect(document.activeElement).toBe(screen.getByTestId('ask-cancel')));
      fireEvent.click(screen.getByTestId('ask-before'));
      await waitFor(() => expect(copied.join()).toContain('91440300MA5DA1234X'));
      fireEvent.click(screen.getByTestId('ask-cancel'));
      await waitFor(() => expect(screen.queryByTestId('ask')).toBeNull());
      expect(dismissed()).toHaveLength(0);

      fireEvent.click(screen.getByTestId('attention-dismiss-all'));
      expect((await screen.findByTestId('ask')).textContent).toContain('不再保留这 2 条？');
      fireEvent.click(screen.getByTestId('ask-before'));
      await waitFor(() => expect(copied.join()).toContain('IP67'));
      fireEvent.click(screen.getByTestId('ask-ok'));
      await waitFor(() => expect(screen.queryByTestId('attention-item')).toBeNull());
      expect(dismissed()).toHaveLength(2);
    } finally {
      vi.unstubAllGlobals();
    }
  });
});

describe('joining a team', () => {
  const type = (testid: string, value: string) =>
    fireEvent.change(screen.getByTestId(testid), { target: { value } });

  async function toPassword(invitation = 'ketu1_abc') {
    const opened = await openAt('/settings?section=sync');
    await screen.findByTestId('join-invitation');
    type('join-invitation', invitation);
    fireEvent.click(screen.getByTestId('join-read'));
    fireEvent.click(await screen.findByTestId('join-next'));
    await screen.findByTestId('join-password');
    return opened;
  }

  it('refuses what is no invitation and says what to do', async () => {
    await openAt('/settings?section=sync');
    await screen.findByTestId('join-invitation');
    type('join-invitation', '你好');
    fireEvent.click(screen.getByTestId('join-read'));
    expect((await screen.findByTestId('join-problem')).textContent).toContain('复制整行');
    fireEvent.click(screen.getByTestId('join-cancel'));
    expect(await screen.findByText('已取消，没有向服务器发送任何客户资料。')).toBeTruthy();
  });

  it('says what is sent to find duplicates before it is, and what is not', async () => {
    await toPassword();
    const words = screen.getByTestId('join').textContent;
    for (const sent of ['客户名称', '统一社会信用代码', '电话', '只用来比对']) expect(words).toContain(sent);
    expect(words).not.toContain('不发送客户资料');
    fireEvent.click(screen.getByTestId('join-cancel'));
    expect(await screen.findByText('已取消，没有向服务器发送任何客户资料。')).toBeTruthy();
  });

  it('shows server, login and fingerprint before anything is sent, and wants ten characters twice', async () => {
    const { calls } = await toPassword();
    type('join-password', 'short');
    expect(screen.getByText('还差 5 个字符')).toBeTruthy();
    type('join-password', 'correct horse');
    type('join-again', 'correct mouse');
    expect(screen.getByText('两次输入的不一样')).toBeTruthy();
    expect(screen.getByTestId<HTMLButtonElement>('join-connect').disabled).toBe(true);
    expect(calls.some(({ method }) => method === 'sync_enrol')).toBe(false);
    fireEvent.click(screen.getByTestId('join-cancel'));
    await screen.findByTestId('join-invitation');
    expect(calls.some(({ method }) => method === 'sync_withdraw')).toBe(false);
  });

  it('previews what the company has already, merges what is chosen, and joins', async () => {
    const { calls } = await toPassword();
    type('join-password', 'correct horse');
    type('join-again', 'correct horse');
    fireEvent.click(screen.getByTestId('join-connect'));
    const matches = await screen.findAllByTestId('join-match');
    expect(matches[3]?.textContent).toContain('同事名下已有');
    expect(within(matches[3] as HTMLElement).queryByTestId('join-merge')).toBeNull();
    fireEvent.click(within(matches[0] as HTMLElement).getByTestId('join-merge'));
    fireEvent.click(screen.getByTestId('join-join'));
    await waitFor(() => expect(screen.getByTestId('sync-badge').dataset.phase).toBe('up_to_date'));
    expect(calls.find(({ method }) => method === 'sync_join')?.params).toEqual({ merge: ['customer-0'] });
    expect(screen.getByTestId('sync-joined').textContent).toContain('lin.zhiyuan');
  });

  it('withdraws where the server knows of the laptop already', async () => {
    const { calls } = await toPassword();
    type('join-password', 'correct horse');
    type('join-again', 'correct horse');
    fireEvent.click(screen.getByTestId('join-connect'));
    await screen.findAllByTestId('join-match');
    fireEvent.click(screen.getByTestId('join-cancel'));
    expect((await screen.findByTestId('ask')).textContent).toContain('再发一份新的邀请');
    fireEvent.click(screen.getByTestId('ask-cancel'));
    await waitFor(() => expect(screen.queryByTestId('ask')).toBeNull());
    expect(screen.getByTestId('join').dataset.step).toBe('preview');
    expect(calls.some(({ method }) => method === 'sync_withdraw')).toBe(false);
    fireEvent.click(screen.getByTestId('join-cancel'));
    fireEvent.click(await screen.findByTestId('ask-ok'));
    await screen.findByTestId('join-invitation');
    expect(calls.some(({ method }) => method === 'sync_withdraw')).toBe(true);
    expect(await screen.findByText(/^已取消。除了查重用的客户名称/)).toBeTruthy();
    expect(screen.queryByTestId('sync-badge')).toBeNull();
  });

  it('stays where it is when the server cannot be reached', async () => {
    await toPassword('ketu1_offline');
    type('join-password', 'correct horse');
    type('join-again', 'correct horse');
    fireEvent.click(screen.getByTestId('join-connect'));
    const problem = await screen.findByTestId('join-problem');
    expect(problem.textContent).toContain('连不上服务器');
    expect(screen.getByTestId('join').dataset.step).toBe('password');
    fireEvent.click(screen.getByTestId('join-cancel'));
  });
});

describe('numbers that depend on colleagues', () => {
  it('say until when they are true while the server is out of reach', async () => {
    await openAt('/customers', { sync: 'offline' });
    expect((await screen.findByTestId('as-of')).textContent).toMatch(/截至上次同步/);
  });

  it('still say so while it is tried again, and until that has come through', async () => {
    await openAt('/customers', { sync: 'up_to_date' });
    await screen.findByTestId('sync-badge');
    const status = await call('sync_status', {});
    const at = Date.now() - 60_000;
    /** What stands beside the numbers once the badge shows this phase. */
    const said = async (phase: SyncStatus['phase'], change: Partial<SyncStatus> = {}) => {
      act(() => showSyncStatus({ ...status, last_sync: at, phase, ...change }));
      await waitFor(() => expect(screen.getByTestId('sync-badge').dataset.phase).toBe(phase));
      return screen.queryByTestId('as-of')?.textContent ?? '';
    };
    expect(await said('up_to_date')).toBe('');
    expect(await said('paused')).toMatch(/截至上次同步/);
    expect(await said('syncing')).toMatch(/截至上次同步/);
    expect(await said('up_to_date', { last_sync: at + 30_000 })).toBe('');
    expect(await said('syncing', { last_sync: at + 30_000 })).toBe('');
    expect(await said('up_to_date', { last_sync: at + 40_000 })).toBe('');
    const trouble = { code: 'offline', params: {}, stops: false, retry_at: null };
    expect(await said('syncing', { last_sync: at + 40_000, trouble })).toMatch(/截至上次同步/);
  });

  it('say that they are a part while the first sync is under way', async () => {
    await openAt('/customers', { sync: 'syncing' });
    await screen.findByTestId('sync-badge');
    const status = await call('sync_status', {});
    act(() => showSyncStatus({ ...status, last_sync: null }));
    expect((await screen.findByTestId('as-of')).textContent).toBe('首次同步未完成，合计不全');
  });

  it('say nothing while everything is told, nor on a laptop of its own', async () => {
    await openAt('/board', { sync: 'up_to_date' });
    await screen.findAllByTestId('board-card');
    expect(screen.queryByTestId('as-of')).toBeNull();
  });
});
