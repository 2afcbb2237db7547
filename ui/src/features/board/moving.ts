/** A card in another column before the core has answered: counts and sums move with it. */
import { HOME_CURRENCY, isMoney } from '../../components/fields/amounts';
import type { Board, BoardCard, BoardColumn } from '../../transport/contract';

const homeAmount = ({ record }: BoardCard): number => {
  const { amount } = record.fields;
  return isMoney(amount) && amount[1] === HOME_CURRENCY ? amount[0] : 0;
};

const withCards = (column: BoardColumn, cards: BoardCard[], count: number, sum: number): BoardColumn => ({
  ...column,
  cards,
  count,
  sum,
  weighted: Math.round((sum * column.probability) / 100),
});

export function findCard(board: Board | undefined, id: string): BoardCard | undefined {
  for (const column of board?.columns ?? []) {
    const card = column.cards.find(({ record }) => record.id === id);
    if (card) return card;
  }
  return undefined;
}

/** The core's order: what closes first stands first, what has no date last. */
const closes = ({ record }: BoardCard): string => String(record.fields.expected_close ?? '9999');

function inOrder(cards: BoardCard[], card: BoardCard): BoardCard[] {
  const at = cards.findIndex((other) => closes(other) > closes(card));
  return at < 0 ? [...cards, card] : cards.toSpliced(at, 0, card);
}

/** The same board where nothing is to be moved. */
export function moveCard(board: Board, id: string, to: string): Board {
  const card = findCard(board, id);
  if (!card || card.record.fields.stage === to) return board;
  const amount = homeAmount(card);
  const moved: BoardCard = {
    ...card,
    days_in_stage: 0,
    record: { ...card.record, fields: { ...card.record.fields, stage: to } },
  };
  return {
    ...board,
    columns: board.columns.map((column) => {
      if (column.stage === to) {
        return withCards(column, inOrder(column.cards, moved), column.count + 1, column.sum + amount);
      }
      if (!column.cards.includes(card)) return column;
      const rest = column.cards.filter((other) => other !== card);
      return withCards(column, rest, column.count - 1, column.sum - amount);
    }),
  };
}
