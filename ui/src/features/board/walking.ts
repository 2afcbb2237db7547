/** Which card an arrow key comes to: up and down within a stage, left and right to the next stage with cards. */
import type { Board } from '../../transport/contract';

export function nextCard(board: Board, from: string, key: string): string | null {
  const columns = board.columns.map((column) => column.cards.map(({ record }) => record.id));
  const column = columns.findIndex((ids) => ids.includes(from));
  const here = columns[column];
  if (!here) return null;
  const row = here.indexOf(from);
  if (key === 'ArrowUp') return here[row - 1] ?? null;
  if (key === 'ArrowDown') return here[row + 1] ?? null;
  if (key === 'Home') return here[0] ?? null;
  if (key === 'End') return here.at(-1) ?? null;
  const step = key === 'ArrowRight' ? 1 : -1;
  for (let next = column + step; next >= 0 && next < columns.length; next += step) {
    const cards = columns[next];
    if (cards?.length) return cards[Math.min(row, cards.length - 1)] ?? null;
  }
  return null;
}
