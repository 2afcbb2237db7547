import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { usePanels } from '../../app/panels';
import { openAt } from '../../test/open-at';
import type { Board, BoardCard } from '../../transport/contract';
import { TransportError } from '../../transport/transport';
import { freshness } from './BoardCard';
import { boardFilter, boardSearch, stageFilter } from './board-filter';
import { moveCard } from './moving';
import { nextCard } from './walking';

const card = (id: string, stage: string, amount: number): BoardCard => ({
  record: {
    entity: 'opportunity',
    id,
    title: id,
    fields: { stage, amount: [amount, 'CNY'] },
    created_at: 0,
    created_by: null,
    updated_at: 0,
    updated_by: null,
    deleted_at: null,
    titles: {},
  },
  days_in_stage: 9,
  next_reminder_at: null,
});

const column = (stage: string, probability: number, cards: BoardCard[]) => ({
  stage,
  name: stage,
  name_en: stage,
  probability,
  outcome: 'open',
  count: cards.length,
  sum: cards.length * 100,
  weighted: cards.length * probability,
  cards,
});

const board: Board = {
  titles: {},
  columns: [
    column('a', 10, [card('a1', 'a', 100), card('a2', 'a', 100), card('a3', 'a', 100)]),
    column('b', 20, []),
    column('c', 50, [card('c1', 'c', 100)]),
  ],
};

describe('a card that is shown elsewhere before the core answers', () => {
  it('takes its count, sum and weighted sum with it (R18)', () => {
    const [a, b] = moveCard(board, 'a2', 'b').columns;
    expect([a?.count, a?.sum, a?.weighted]).toEqual([2, 200, 20]);
    expect([b?.count, b?.sum, b?.weighted]).toEqual([1, 100, 20]);
    expect(a?.cards.map(({ record }) => record.id)).toEqual(['a1', 'a3']);
    expect(b?.cards[0]?.record.fields.stage).toBe('b');
    expect(b?.cards[0]?.days_in_stage).toBe(0);
  });

  it('leaves the board as it was when it goes nowhere', () => {
    expect(moveCard(board, 'a2', 'a')).toBe(board);
    expect(moveCard(board, 'unknown', 'b')).toBe(board);
  });
});

describe('arrow keys on the board', () => {
  it('walk within a stage and step over an empty one', () => {
    expect(nextCard(board, 'a1', 'ArrowDown')).toBe('a2');
    expect(nextCard(board, 'a1', 'ArrowUp')).toBeNull();
    expect(nextCard(board, 'a3', 'ArrowRight')).toBe('c1');
    expect(nextCard(board, 'c1', 'ArrowRight')).toBeNull();
    expect(nextCard(board, 'a1', 'End')).toBe('a3');
  });
});

describe('what the board shows', () => {
  it('is read from its address, and what makes no sense is left out', () => {
    expect(boardSearch({ owner: 'u', min: -3, q: 7 })).toEqual({ owner: 'u' });
  });

  it('is one filter for the board, and the same with its stage for the list', () => {
    expect(boardFilter({})).toBeUndefined();
    const filter = stageFilter({ owner: 'u', min: 500_000 }, 's');
    expect(filter).toEqual({
      all: [
        { field: { field: 'stage', test: 'in', value: ['s'] } },
        { field: { field: 'owner', test: 'is', value: 'u' } },
        { field: { field: 'amount', test: 'at_least', value: [500_000, 'CNY'] } },
      ],
    });
  });

  it('colours a deal that stands still', () => {
    expect([3, 14, 30].map(freshness)).toEqual(['', 'stale', 'rotten']);
  });
});

const press = (code: string, key = code) =>
  fireEvent.keyDown(document.activeElement ?? document.body, { code, key });

/** The drag library hears its keys a tick after the card was lifted. */
const tick = () => new Promise((done) => setTimeout(done, 5));

async function lift(columnIndex: number) {
  const cards = await within(await screen.findByTestId(`board-column-${columnIndex}`)).findAllByTestId(
    'board-card',
  );
  const first = cards[0] as HTMLElement;
  first.focus();
  press('Space', ' ');
  await tick();
  return first.dataset.card ?? '';
}

const cardIn = (columnIndex: number, id: string) =>
  screen.getByTestId(`board-column-${columnIndex}`).querySelector(`[data-card="${id}"]`);

describe('a new opportunity on the board', () => {
  it('begins at the stage whose button was pressed, also where there is no card yet', async () => {
    await openAt('/board?q=nothing-has-this-name', { customers: 60 });
    const column = await screen.findByTestId('board-column-2');
    fireEvent.click(await within(column).findByTestId('board-add-first'));
    expect(usePanels.getState().form).toMatchObject({
      entity: 'opportunity',
      preset: { pipeline: 'pipeline-project', stage: 'stage-project-2' },
    });
    usePanels.setState({ form: null });
    const lost = screen.getByTestId('board-column-5');
    expect(within(lost).queryByTestId('board-add')).toBeNull();
  });

  it('lacks a reminder, which is one Tab from its card', async () => {
    await openAt('/board', { customers: 60 });
    const warnings = await screen.findAllByTestId('board-no-reminder');
    const card = warnings[0]?.closest('li')?.querySelector<HTMLElement>('[data-card]');
    act(() => card?.focus());
    expect(warnings[0]?.tabIndex).toBe(0);
    expect(warnings[1]?.tabIndex).toBe(-1);
  });
});

describe('moving an opportunity by keyboard (R18, R19)', () => {
  it('lifts with Space, goes on with the arrows and drops with Space, told in words', async () => {
    const { calls } = await openAt('/board', { customers: 60 });
    const id = await lift(0);
    press('ArrowRight');
    press('ArrowRight');
    await waitFor(() =>
      expect(document.querySelector('[id^=DndLiveRegion]')?.textContent).toContain('方案提交'),
    );
    press('Space', ' ');
    await waitFor(() => expect(cardIn(2, id)).toBeTruthy());
    expect(calls.find(({ method }) => method === 'move_stage')?.params).toEqual({
      id,
      stage: 'stage-project-2',
    });
    expect(await screen.findByTestId('toast-undo')).toBeTruthy();
    await waitFor(() => expect((document.activeElement as HTMLElement).dataset.card).toBe(id));
    fireEvent.click(screen.getByTestId('toast-undo'));
    await waitFor(() => expect(cardIn(0, id)).toBeTruthy());
  });

  it('leaves the card where it was on Esc', async () => {
    const { calls } = await openAt('/board', { customers: 60 });
    const id = await lift(0);
    press('ArrowRight');
    press('Escape');
    await waitFor(() =>
      expect(document.querySelector('[id^=DndLiveRegion]')?.textContent).toContain('已取消'),
    );
    expect(cardIn(0, id)).toBeTruthy();
    expect(calls.some(({ method }) => method === 'move_stage')).toBe(false);
  });

  it('asks why before a deal is lost, and moves it nowhere when nobody says', async () => {
    const { calls } = await openAt('/board', { customers: 60 });
    const id = await lift(3);
    press('ArrowRight');
    press('ArrowRight');
    press('Space', ' ');
    const dialog = await screen.findByTestId('lost-dialog');
    expect(cardIn(3, id)).toBeTruthy();
    fireEvent.click(within(dialog).getByTestId('lost-reason-1'));
    fireEvent.keyDown(within(dialog).getByTestId('lost-reason-1'), { key: 'Enter' });
    await waitFor(() => expect(cardIn(5, id)).toBeTruthy());
    expect(calls.find(({ method }) => method === 'move_stage')?.params).toEqual({
      id,
      stage: 'stage-project-5',
      lost_reason: 'option-opportunity.lost_reason-1',
    });
  });

  it('still takes the next step when another page is open by then', async () => {
    const { calls } = await openAt('/board', { customers: 60 });
    const id = await lift(0);
    press('ArrowRight');
    press('Space', ' ');
    await screen.findByTestId('toast-action');
    fireEvent.click(screen.getByTestId('nav-customers'));
    await screen.findByTestId('grid');
    fireEvent.click(screen.getByTestId('toast-action'));
    const step = await screen.findByTestId('next-step');
    fireEvent.change(step, { target: { value: '周五前报价' } });
    fireEvent.keyDown(step, { key: 'Enter' });
    await waitFor(() =>
      expect(calls.find(({ method }) => method === 'update')?.params).toMatchObject({
        id,
        fields: { next_step: '周五前报价' },
      }),
    );
  });

  it('puts the card back and says why when the core refuses', async () => {
    await openAt('/board', { customers: 60 }, (method) => {
      if (method === 'move_stage') throw new TransportError('not_found');
    });
    const id = await lift(0);
    press('ArrowRight');
    press('Space', ' ');
    await waitFor(() => expect(screen.getByTestId('toast').textContent).toContain('没有找到'));
    expect(cardIn(0, id)).toBeTruthy();
  });

  it('opens a card with Enter beside the board, and Back closes it', async () => {
    await openAt('/board', { customers: 60 });
    const cards = await screen.findAllByTestId('board-card');
    (cards[0] as HTMLElement).focus();
    press('Enter');
    expect(await screen.findByTestId('opportunity-page')).toBeTruthy();
    expect(window.location.hash).toContain('peek=');
    (await screen.findByTestId('peek-edit')).focus();
    window.history.back();
    await waitFor(() => expect(screen.queryByTestId('opportunity-page')).toBeNull());
    // The keyboard is on the card again.
    expect(document.activeElement).toBe(cards[0]);
  });
});
