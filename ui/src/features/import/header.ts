/**
 * Finding the header row that a person points at. The core numbers rows as the file does and leaves blank
 * ones out of its preview, so that a row that was clicked is looked for by its words.
 */
import type { ImportOpened } from '../../transport/contract';
import { TransportError } from '../../transport/transport';

/** Blank rows that are passed over before the search is given up. */
const FAR = 30;

const isBlankRow = (thrown: unknown): boolean => TransportError.from(thrown).code === 'header_row_empty';

/** Opens the file once more with this row as its header. */
type OpenAt = (row: number) => Promise<ImportOpened>;
type Close = (opened: ImportOpened) => void;

function isHeadedBy(opened: ImportOpened, cells: string[]): boolean {
  const named = new Map(opened.columns.map((column) => [column.index, column.name]));
  return cells.every((cell, index) => {
    const text = cell.trim().replace(/\s+/g, ' ');
    return text === '' || (named.get(index) ?? '').includes(text);
  });
}

/** Makes the row of the preview with these words the header. */
export async function openAtPreviewRow(
  now: ImportOpened,
  previewIndex: number,
  openAt: OpenAt,
  close: Close,
): Promise<ImportOpened> {
  const cells = now.preview[previewIndex] ?? [];
  const nearest = now.header_rows[1] + 1 + previewIndex;
  for (let row = nearest; row <= nearest + FAR; row += 1) {
    try {
      const opened = await openAt(row);
      if (isHeadedBy(opened, cells)) return opened;
      close(opened);
    } catch (thrown) {
      if (!isBlankRow(thrown)) throw thrown;
    }
  }
  throw new TransportError('header_row_empty', { row: String(nearest) });
}

/** Moves the header up or down, past blank rows. */
export async function openAtNextRow(
  now: ImportOpened,
  direction: 1 | -1,
  openAt: OpenAt,
): Promise<ImportOpened> {
  const first = direction === 1 ? now.header_rows[1] + 1 : now.header_rows[0] - 1;
  let last: unknown = new TransportError('header_row_empty', { row: String(Math.max(first, 1)) });
  for (let row = first; row >= 1 && Math.abs(row - first) <= FAR; row += direction) {
    try {
      return await openAt(row);
    } catch (thrown) {
      if (!isBlankRow(thrown)) throw thrown;
      last = thrown;
    }
  }
  throw last;
}
