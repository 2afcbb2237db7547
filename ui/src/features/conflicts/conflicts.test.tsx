import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { useToasts } from '../../components/feedback/toasts';
import type { Names } from '../../components/fields/values';
import { i18n } from '../../i18n';
import { openAt } from '../../test/open-at';
import type { ConflictCard } from '../../transport/contract';
import { connect } from '../../transport/transport';
import { ownSide, sorted } from './choices';
import { settle } from './deeds';
import { lastingWords } from './words';

const CARD: ConflictCard = {
  id: 'card',
  kind: 'critical',
  customer: null,
  customer_name: '',
  entity: 'opportunity',
  record: 'deal',
  title: '',
  fields: [],
  your_author: 'me',
  their_author: 'other',
  your_time: null,
  their_time: null,
  state: 'open',
  mine: true,
  made_at: 0,
  settled_by: null,
};
const isMe = (id: string | null) => id === 'me';

describe('one’s own side of a card', () => {
  it.each([
    ['the change one made', {}, 'yours'],
    ['the change one made, on the other side', { your_author: 'other', their_author: 'me' }, 'theirs'],
    ['none, for who decides between two colleagues', { your_author: 'a', their_author: 'b' }, null],
    ['the deletion that was refused', { kind: 'deleted' }, 'yours'],
    ['the deletion that was undone by an edit', { kind: 'revived' }, 'theirs'],
    ['what one has, where a colleague proposes', { kind: 'proposed' }, 'theirs'],
    ['none, of two customers', { kind: 'duplicate' }, null],
  ])('is %s', (_, change, side) => {
    expect(ownSide({ ...CARD, ...change }, isMe)).toBe(side);
  });

  it('sends many cards each to its side, and leaves what has none', () => {
    const cards = [
      CARD,
      { ...CARD, id: 'revived', kind: 'revived' },
      { ...CARD, id: 'twins', kind: 'duplicate' },
    ];
    expect(sorted(cards, 'mine', isMe)).toEqual({ yours: ['card'], theirs: ['revived'], left: ['twins'] });
    expect(sorted(cards, 'others', isMe)).toEqual({ yours: ['revived'], theirs: ['card'], left: ['twins'] });
  });
});

describe('the page of what has to be decided', () => {
  const open = async () => {
    const opened = await openAt('/sync?tab=conflicts', { sync: 'waiting', customers: 60 });
    await screen.findByTestId('conflict');
    return opened;
  };
  const key = (name: string) =>
    act(async () => void fireEvent.keyDown(document.activeElement ?? document.body, { key: name }));
  const titles = () => screen.getAllByTestId('conflict-row').map((row) => row.dataset.card);

  it('shows what it was, what each side says, who and when', async () => {
    await open();
    const card = screen.getByTestId('conflict');
    expect(card.textContent).toContain('你的修改');
    expect(card.textContent).toContain('周敏的修改');
    expect(within(card).getAllByTestId('conflict-base')[0]?.textContent).toBe('¥1,200,000');
    expect(within(card).getAllByTestId('conflict-value-theirs')[0]?.textContent).toContain('¥1,180,000');
  });

  it('is decided by two keys, and taken back by the toast', async () => {
    const { calls } = await open();
    const before = titles();
    await key('j');
    await waitFor(() =>
      expect(screen.getAllByTestId('conflict-row')[1]?.getAttribute('aria-current')).toBe('true'),
    );
    await key('2');
    await waitFor(() => expect(titles()).not.toContain(before[1]));
    expect(calls.find(({ method }) => method === 'settle_conflicts')?.params).toEqual({
      ids: [before[1]],
      choice: 'theirs',
    });
    fireEvent.click(await screen.findByTestId('toast-undo'));
    await waitFor(() => expect(titles()).toContain(before[1]));
  });

  it('is decided for many at once', async () => {
    const { calls } = await open();
    const [first, second] = screen.getAllByTestId('conflict-mark');
    fireEvent.click(first as HTMLElement);
    fireEvent.click(second as HTMLElement);
    fireEvent.click(await screen.findByTestId('conflicts-all-mine'));
    await waitFor(() => expect(screen.queryByTestId('conflicts-many')).toBeNull());
    const settled = calls.filter(({ method }) => method === 'settle_conflicts');
    expect(settled.map(({ params }) => (params as { choice: string }).choice)).toEqual(['yours']);
    expect(settled.flatMap(({ params }) => (params as { ids: string[] }).ids)).toHaveLength(2);
  });

  const marks = () => screen.getAllByTestId<HTMLInputElement>('conflict-mark');
  const chosen = () => screen.getByTestId('conflicts-many').textContent;

  it('is marked as a whole, or from one to another with Shift', async () => {
    await open();
    const count = marks().length;
    fireEvent.click(screen.getByTestId('conflicts-mark-all'));
    expect(chosen()).toContain(`已选 ${count} 条`);
    fireEvent.click(screen.getByTestId('conflicts-mark-all'));
    expect(screen.queryByTestId('conflicts-many')).toBeNull();
    fireEvent.click(marks()[0] as HTMLElement);
    fireEvent.click(marks()[2] as HTMLElement, { shiftKey: true });
    expect(chosen()).toContain('已选 3 条');
    act(() => screen.getAllByTestId('conflict-row')[2]?.focus());
    await act(
      async () =>
        void fireEvent.keyDown(document.activeElement ?? document.body, { key: 'ArrowDown', shiftKey: true }),
    );
    expect(chosen()).toContain('已选 4 条');
    await act(
      async () =>
        void fireEvent.keyDown(document.activeElement ?? document.body, { key: 'a', ctrlKey: true }),
    );
    expect(chosen()).toContain(`已选 ${count} 条`);
  });

  it('stays marked where it could not be decided', async () => {
    let refuse = true;
    await openAt('/sync?tab=conflicts', { sync: 'waiting', customers: 60 }, (method) => {
      if (method === 'settle_conflicts' && refuse) throw { code: 'already_settled', params: {} };
    });
    await screen.findByTestId('conflict');
    fireEvent.click(marks()[0] as HTMLElement);
    fireEvent.click(marks()[1] as HTMLElement);
    fireEvent.click(screen.getByTestId('conflicts-all-mine'));
    await screen.findByTestId('toast');
    expect(chosen()).toContain('已选 2 条');
    refuse = false;
    fireEvent.click(screen.getByTestId('conflicts-all-mine'));
    await waitFor(() => expect(screen.queryByTestId('conflicts-many')).toBeNull());
  });

  it('says who decided, and claims no age for what a colleague did', async () => {
    await open();
    fireEvent.click(screen.getByTestId('conflicts-settled'));
    await screen.findByTestId('conflict-undo');
    fireEvent.click(screen.getAllByTestId('conflict-row').at(-1) as HTMLElement);
    expect((await screen.findByTestId('conflict-lasting')).textContent).toMatch(/^由周敏决定，/);
    const names = { catalog: { nameOf: () => undefined }, titles: { boss: '王经理' } } as unknown as Names;
    const words = (change: Partial<ConflictCard>) =>
      lastingWords({ ...CARD, state: 'yours', ...change }, names, isMe, i18n.t);
    expect(words({ decided_by: 'boss', decided_here: false })).toMatch(/^由王经理决定/);
    expect(words({ decided_by: 'me', decided_here: false })).toContain('另一台电脑');
    expect(words({ decided_by: 'me', decided_here: true })).toContain('超过 30 天');
    expect(words({})).toContain('不是在这台电脑上决定的，或');
  });

  it('only shows what somebody else decides', async () => {
    await open();
    const rows = screen.getAllByTestId('conflict-row');
    fireEvent.click(rows.at(-1) as HTMLElement);
    await screen.findByText(/你在这里只能查看/);
    expect(screen.queryByTestId('conflict-yours')).toBeNull();
  });

  it('takes back what was decided, for thirty days', async () => {
    const { calls } = await open();
    fireEvent.click(screen.getByTestId('conflicts-settled'));
    fireEvent.click(await screen.findByTestId('conflict-undo'));
    await waitFor(() =>
      expect(calls.find(({ method }) => method === 'undo')?.params).toEqual({ tx: 'tx-past-settled' }),
    );
  });

  it.each([
    ['the one that was there first', 'merge-first', 'yours', null],
    ['the other one', 'merge-second', 'theirs', { record: 'customer-4', other: 'customer-7' }],
  ])('makes one of two customers, keeps %s and closes their card', async (_, kept, choice, merged) => {
    const { calls } = await open();
    const rows = screen.getAllByTestId('conflict-row');
    const twins = rows.find(({ dataset }) => dataset.card?.startsWith('conflict-duplicate')) as HTMLElement;
    fireEvent.click(twins);
    await waitFor(() => expect(screen.getByTestId('conflict').dataset.kind).toBe('duplicate'));
    fireEvent.click(screen.getByTestId('conflict-yours'));
    fireEvent.click(await screen.findByTestId(kept));
    fireEvent.click(screen.getByTestId('merge-ok'));
    await waitFor(() => expect(titles()).not.toContain(twins.dataset.card));
    expect(calls.find(({ method }) => method === 'merge_customers')?.params ?? null).toEqual(merged);
    const settled = calls.find(({ method }) => method === 'settle_conflicts')?.params;
    expect(settled).toMatchObject({ choice });
  });
});

describe('what somebody else settled meanwhile', () => {
  it('stays as it is, is not counted, and is said', async () => {
    connect({
      listen: () => () => undefined,
      call: async () => ({ id: 'a', tx: 'tx-1', changed: 2, skipped: ['c'] }),
    });
    await settle(['a', 'b', 'c'], 'yours');
    expect(useToasts.getState().toasts.map(({ text }) => text)).toEqual([
      '已决定 2 条',
      '有 1 条已由别人决定，没有改动',
    ]);
  });
});
