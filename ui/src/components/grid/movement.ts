/** Where the active cell goes at a key. */
export interface Cell {
  row: number;
  column: number;
}

export interface Bounds {
  rows: number;
  columns: number;
  /** Rows of one page. */
  page: number;
}

const clamp = (n: number, count: number) => Math.min(Math.max(n, 0), Math.max(count - 1, 0));

/** The next cell, or `null` where the key does not move. */
export function moved(key: string, ctrl: boolean, { row, column }: Cell, bounds: Bounds): Cell | null {
  const to = (nextRow: number, nextColumn: number): Cell => ({
    row: clamp(nextRow, bounds.rows),
    column: clamp(nextColumn, bounds.columns),
  });
  const last = { row: bounds.rows - 1, column: bounds.columns - 1 };
  switch (key) {
    case 'ArrowUp':
      return to(ctrl ? 0 : row - 1, column);
    case 'ArrowDown':
      return to(ctrl ? last.row : row + 1, column);
    case 'ArrowLeft':
      return to(row, ctrl ? 0 : column - 1);
    case 'ArrowRight':
      return to(row, ctrl ? last.column : column + 1);
    case 'Home':
      return to(ctrl ? 0 : row, 0);
    case 'End':
      return to(ctrl ? last.row : row, last.column);
    case 'PageUp':
      return to(row - bounds.page, column);
    case 'PageDown':
      return to(row + bounds.page, column);
    default:
      return null;
  }
}
