import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { openRecord } from '../../app/open';
import { CatalogIndex } from '../../data/catalog';
import { i18n } from '../../i18n';
import { openAt } from '../../test/open-at';
import type { HistoryEntry } from '../../transport/contract';
import { catalogView } from '../../transport/mock/catalog';
import { call } from '../../transport/transport';
import { changeLines, changeWords, lineWords, originWords } from './changes';
import { agoWords } from './Kpis';
import { readPeek, writePeek } from './peek';

const names = {
  catalog: new CatalogIndex(catalogView(), 'zh-CN'),
  titles: {},
  yes: '是',
  no: '否',
  separator: '、',
};
const t = i18n.t;

const entry = (change: Partial<HistoryEntry>): HistoryEntry => ({
  op: 'op',
  tx: 'tx',
  entity: 'opportunity',
  record: 'opportunity-1',
  title: '二期扩建',
  kind: 'update',
  at: 0,
  author: null,
  author_name: '林知远',
  origin: 'form',
  pending: false,
  fields: [],
  ...change,
});

describe('a change in words', () => {
  it('says which record, and each field from old to new', () => {
    const change = entry({
      fields: [
        { field: 'stage', old: 'stage-project-1', new: 'stage-project-2' },
        { field: 'next_step', old: '提交报价', new: null },
      ],
    });
    expect(changeWords(change, names, t)).toBe('修改了商机「二期扩建」');
    expect(changeLines(change, names).map((line) => lineWords(line, names, t))).toEqual([
      '阶段 需求分析→方案提交',
      '下一步 提交报价→空',
    ]);
  });

  it('does not repeat the name of the page it stands on', () => {
    const own = entry({ entity: 'customer', record: 'customer-1', title: '华科' });
    expect(changeWords(own, names, t, 'customer-1')).toBe('修改了客户');
    expect(changeWords({ ...own, kind: 'create' }, names, t, 'customer-1')).toBe('新建了客户「华科」');
  });

  it('tells an import and an undo from work by hand, and skips fields it has no name for', () => {
    expect([originWords('import:7', t), originWords('undo:x', t), originWords('form', t)]).toEqual([
      '导入',
      '撤销',
      null,
    ]);
    expect(changeLines(entry({ fields: [{ field: 'gone', old: 1, new: 2 }] }), names)).toEqual([]);
  });
});

describe('figures of the strip', () => {
  it('count civil days since the last contact', () => {
    const now = new Date(2026, 10, 25, 0, 30).getTime();
    expect(agoWords(null, now, t)).toBe('还没有联系过');
    expect(agoWords(now - 3_600_000, now, t)).toBe('昨天');
    expect(agoWords(now - 12 * 86_400_000, now, t)).toBe('12 天前');
  });
});

describe('what lies beside the page', () => {
  it('is read from the address, and nothing else is', () => {
    expect(readPeek(writePeek({ entity: 'contact', id: 'a-b' }))).toEqual({ entity: 'contact', id: 'a-b' });
    expect(readPeek('user:1')).toBeNull();
    expect(readPeek(7)).toBeNull();
  });
});

const open = async (id = 'customer-2') => {
  const opened = await openAt(`/customers/${id}`);
  await screen.findByTestId('customer-page');
  return opened;
};

describe('the timeline (R4)', () => {
  it('loads older entries when asked, each of them once', async () => {
    const { calls } = await open();
    for (let n = 0; n < 40; n += 1) {
      await call('add', {
        entity: 'interaction',
        fields: {
          kind: 'option-interaction.kind-1',
          occurred_at: Date.now() - n * 60_000,
          customer: 'customer-2',
          summary: `第 ${n} 次`,
        },
      });
    }
    await screen.findByText('第 0 次');
    await waitFor(() => expect(screen.queryByText('第 39 次')).toBeNull());
    fireEvent.click(await screen.findByTestId('timeline-more'));
    expect(await screen.findByText('第 39 次')).toBeTruthy();
    const shown = screen.getAllByTestId('timeline-interaction').map((one) => one.dataset.id);
    expect(new Set(shown).size).toBe(shown.length);
    expect(calls.some(({ method, params }) => method === 'timeline' && 'before' in (params as object))).toBe(
      true,
    );
  });

  it('shows changes alone, and brings an old value back', async () => {
    const { calls } = await open();
    const old = (await call('get', { entity: 'customer', id: 'customer-2' })).fields.level;
    const [a, b] = ['option-customer.level-0', 'option-customer.level-1'];
    const level = old === a ? b : a;
    await call('update', { entity: 'customer', id: 'customer-2', fields: { level } });
    fireEvent.click(await screen.findByTestId('timeline-changes'));
    const line = (await screen.findAllByTestId('change-line')).find((one) =>
      one.textContent?.startsWith('客户级别'),
    ) as HTMLElement;
    fireEvent.click(within(line).getByTestId('restore-value'));
    await waitFor(async () => {
      expect((await call('get', { entity: 'customer', id: 'customer-2' })).fields.level).toBe(old);
    });
    expect(calls.some(({ method }) => method === 'restore_value')).toBe(true);
    expect(screen.queryAllByTestId('timeline-interaction')).toEqual([]);
  });
});

describe('changes that only the server has (R26)', () => {
  it('are fetched when asked, and then told as any other', async () => {
    await openAt('/customers/customer-3', { sync: 'up_to_date' });
    fireEvent.click(await screen.findByTestId('timeline-changes'));
    const fetchThem = await screen.findByTestId('older-history');
    const made = () =>
      screen.queryAllByTestId('timeline-change').filter((one) => /新建了客户/.test(one.textContent ?? ''));
    expect(made()).toHaveLength(0);
    fireEvent.click(fetchThem);
    await waitFor(() => expect(made()).toHaveLength(1));
    expect(screen.queryByTestId('older-history')).toBeNull();
  });

  it('stay where they are while the server is out of reach, and that is said', async () => {
    await openAt('/customers/customer-3', { sync: 'offline' });
    fireEvent.click(await screen.findByTestId('timeline-changes'));
    fireEvent.click(await screen.findByTestId('older-history'));
    expect(await screen.findByText('现在连不上服务器，联网后再取。这里已有的不受影响。')).toBeTruthy();
  });

  it('are not offered on a laptop of its own', async () => {
    await openAt('/customers/customer-3');
    fireEvent.click(await screen.findByTestId('timeline-changes'));
    expect(await screen.findByText('没有更早的动态')).toBeTruthy();
    expect(screen.queryByTestId('older-history')).toBeNull();
  });
});

describe('facts edited where they stand', () => {
  it('keeps with Enter, goes on to the next, and drops with Esc', async () => {
    const { calls } = await open();
    const facts = await screen.findByTestId('facts');
    fireEvent.click(within(facts).getByText('修改「客户名称」'));
    const editor = await screen.findByTestId('cell-editor');
    fireEvent.change(editor, { target: { value: '新的名字' } });
    fireEvent.keyDown(editor, { key: 'Enter' });
    await waitFor(() => expect(screen.getByTestId('customer-name').textContent).toBe('新的名字'));
    expect(calls.find(({ method }) => method === 'update')?.params).toEqual({
      entity: 'customer',
      id: 'customer-2',
      fields: { name: '新的名字' },
    });
    await waitFor(() => expect(document.activeElement?.getAttribute('data-fact')).not.toBe('name'));
    fireEvent.click(within(facts).getByText('修改「客户名称」'));
    const again = await screen.findByTestId('cell-editor');
    fireEvent.change(again, { target: { value: '不要' } });
    fireEvent.keyDown(again, { key: 'Escape' });
    await waitFor(() => expect(screen.queryByTestId('cell-editor')).toBeNull());
    expect(screen.getByTestId('customer-name').textContent).toBe('新的名字');
  });

  it('folds away what is empty until it is asked for', async () => {
    await open();
    expect(screen.queryByTestId('fact-website')).toBeNull();
    fireEvent.click(screen.getByTestId('facts-fold'));
    expect(await screen.findByTestId('fact-website')).toBeTruthy();
  });
});

describe('going through the list', () => {
  it('turns to the next customer with J and finds the row again on the way back', async () => {
    await openAt('/customers');
    const rows = await screen.findAllByTestId('grid-row');
    const [, second, third] = rows.map((row) => row.dataset.id);
    const cell = (rows[1] as HTMLElement).querySelector('[data-open]') as HTMLElement;
    fireEvent.click(cell);
    expect((await screen.findByTestId('customer-page')).dataset.id).toBe(second);
    fireEvent.keyDown(document.body, { key: 'j' });
    await waitFor(() => expect(screen.getByTestId('customer-page').dataset.id).toBe(third));
    fireEvent.keyDown(document.body, { key: 'ArrowLeft', altKey: true });
    await screen.findByTestId('grid');
    await waitFor(() =>
      expect(document.activeElement?.closest<HTMLElement>('[data-row]')?.dataset.id).toBe(third),
    );
  });

  it('removes a customer, goes back to the list and offers to undo', async () => {
    await open('customer-4');
    fireEvent.click(screen.getByTestId('customer-more'));
    fireEvent.click(await screen.findByTestId('customer-remove'));
    expect(await screen.findByTestId('grid')).toBeTruthy();
    fireEvent.click(await screen.findByTestId('toast-undo'));
    await waitFor(async () => {
      expect((await call('get', { entity: 'customer', id: 'customer-4' })).deleted_at).toBeNull();
    });
  });
});

describe('the stages of an opportunity beside the page', () => {
  it('ask why before it is lost', async () => {
    const { calls } = await openAt('/customers', { customers: 60 });
    const board = await call('board', { pipeline: 'pipeline-project', cards: 1 });
    openRecord('opportunity', board.columns[0]?.cards[0]?.record.id ?? '');
    fireEvent.click(await screen.findByTestId('stage-step-5'));
    expect(calls.some(({ method }) => method === 'move_stage')).toBe(false);
    fireEvent.click(await screen.findByTestId('lost-move'));
    await waitFor(() =>
      expect(calls.find(({ method }) => method === 'move_stage')?.params).toHaveProperty('lost_reason'),
    );
  });
});

describe('the people around an opportunity (R21)', () => {
  it('warns until someone who decides is among them', async () => {
    await openAt('/customers');
    const { id } = await call('add', {
      entity: 'opportunity',
      fields: {
        name: '试点',
        customer: 'customer-1',
        pipeline: 'pipeline-project',
        stage: 'stage-project-0',
      },
    });
    const part = await call('add', {
      entity: 'participation',
      fields: { customer: 'customer-1', contact: 'contact-1-0', opportunity: id },
    });
    openRecord('opportunity', id);
    fireEvent.click(await screen.findByTestId('peek-people'));
    expect(await screen.findByTestId('no-decider')).toBeTruthy();
    expect(await screen.findAllByTestId('part')).toHaveLength(1);
    await call('update', {
      entity: 'participation',
      id: part.id,
      fields: { role: 'option-participation.role-0' },
    });
    await waitFor(() => expect(screen.queryByTestId('no-decider')).toBeNull());
  });
});

describe('what the server does not have yet', () => {
  it('is marked on interactions and on the people of an opportunity too', async () => {
    await openAt('/customers/customer-1', { sync: 'waiting' });
    const talks = await screen.findAllByTestId('timeline-interaction');
    const talk = talks[0] as HTMLElement;
    expect(within(talk).queryByTestId('unsynced')).toBeNull();
    const id = talk.dataset.id as string;
    await act(() => call('update', { entity: 'interaction', id, fields: { summary: '改约下周' } }));
    await waitFor(() =>
      expect(
        within(document.querySelector<HTMLElement>(`[data-id="${id}"]`) ?? document.body).getByTestId(
          'unsynced',
        ).textContent,
      ).toContain('未同步'),
    );

    const customer = 'customer-1';
    const stage = { pipeline: 'pipeline-project', stage: 'stage-project-0' };
    const fields = { name: '试点', customer, ...stage };
    const opportunity = (await call('add', { entity: 'opportunity', fields })).id;
    const person = { customer, contact: 'contact-1-0', opportunity };
    await call('add', { entity: 'participation', fields: person });
    openRecord('opportunity', opportunity);
    fireEvent.click(await screen.findByTestId('peek-people'));
    const part = (await screen.findAllByTestId('part'))[0] as HTMLElement;
    expect((await within(part).findByTestId('unsynced')).getAttribute('aria-label')).toBe('未同步');
  });

  it('is not said to be deleted where a colleague may have it', async () => {
    await openAt('/customers/nobody');
    expect(await screen.findByText('没有这个客户，可能已删除，或已转给同事。')).toBeTruthy();
  });
});
