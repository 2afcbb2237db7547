/** Which columns a list shows, how wide and in what order; sizes and places are TanStack Table's. */
import {
  type ColumnDef,
  type ColumnSizingState,
  columnOrderingFeature,
  columnPinningFeature,
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { EntityDef, FieldDef } from '../../transport/contract';
import { listFields } from '../fields/system-fields';

export interface ColumnLayout {
  /** Keys of the shown columns in order; the usual ones where absent. */
  shown?: string[];
  /** Widths in pixels at 100 % font size, where they differ from the usual. */
  sizes?: Record<string, number>;
  /** The first column stays while the others scroll. */
  freeze?: boolean;
}

const USUAL_WIDTH = 140;
export const MIN_WIDTH = 64;

export function shownFields(entity: EntityDef, layout: ColumnLayout): FieldDef[] {
  const fields = listFields(entity);
  if (!layout.shown) return fields.filter((field) => field.grid_width > 0);
  // A field that is gone (archived by a colleague) drops out silently.
  const known = layout.shown.flatMap((key) => fields.find((field) => field.key === key) ?? []);
  return known.length ? known : fields.filter((field) => field.grid_width > 0);
}

const features = tableFeatures({
  columnOrderingFeature,
  columnPinningFeature,
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
});

const NO_ROWS: never[] = [];

/** One shown column with its place in pixels, counted from its own part (frozen or scrolling). */
export interface PlacedColumn {
  field: FieldDef;
  index: number;
  left: number;
  width: number;
  frozen: boolean;
}

export interface Columns {
  placed: PlacedColumn[];
  frozen: PlacedColumn[];
  scrolling: PlacedColumn[];
  frozenWidth: number;
  scrollingWidth: number;
  resizing: string | null;
  /** Begins a resize by pointer. */
  startResize(key: string, event: unknown): void;
  /** Changes a width by this many pixels, for keys. */
  nudge(key: string, pixels: number): void;
}

/** Places the shown columns; a finished resize is given to `onSizes`. */
export function useColumns(
  shown: FieldDef[],
  layout: ColumnLayout,
  scale: number,
  onSizes: (sizes: Record<string, number>) => void,
): Columns {
  const columns = useMemo<ColumnDef<typeof features, never>[]>(
    () =>
      shown.map((field) => ({
        id: field.key,
        header: field.key,
        size: Math.round((field.grid_width || USUAL_WIDTH) * scale),
        minSize: MIN_WIDTH,
        maxSize: 1200,
      })),
    [shown, scale],
  );
  // Widths of a drag that the layout does not hold yet.
  const [dragged, setDragged] = useState<ColumnSizingState | null>(null);
  const latest = useRef(dragged);
  const drag = (sizes: ColumnSizingState | null) => {
    latest.current = sizes;
    setDragged(sizes);
  };
  const stored = useMemo(
    () =>
      Object.fromEntries(
        Object.entries(layout.sizes ?? {}).map(([key, width]) => [key, Math.round(width * scale)]),
      ),
    [layout.sizes, scale],
  );
  const sizing = dragged ?? stored;
  // Once the layout holds them, or is another one, its own widths count.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only other stored widths end a drag
  useEffect(() => drag(null), [stored]);
  const freeze = layout.freeze ?? true;
  const first = shown[0]?.key;
  const pinning = useMemo(() => ({ start: freeze && first ? [first] : [], end: [] }), [freeze, first]);

  const keep = (sizes: ColumnSizingState) =>
    onSizes(
      Object.fromEntries(Object.entries(sizes).map(([key, width]) => [key, Math.round(width / scale)])),
    );

  const table = useTable({
    features,
    columns,
    data: NO_ROWS,
    columnResizeMode: 'onChange',
    state: { columnSizing: sizing, columnPinning: pinning },
    onColumnSizingChange: (update) =>
      drag(typeof update === 'function' ? update(latest.current ?? stored) : update),
  });

  const state = table.state.columnResizing;
  const resizing = state.isResizingColumn || null;
  const placed = shown.flatMap((field, index): PlacedColumn[] => {
    const column = table.getColumn(field.key);
    if (!column) return [];
    const frozen = freeze && index === 0;
    return [
      { field, index, frozen, width: column.getSize(), left: column.getStart(frozen ? 'start' : 'center') },
    ];
  });

  return {
    placed,
    frozen: placed.filter((column) => column.frozen),
    scrolling: placed.filter((column) => !column.frozen),
    frozenWidth: table.getStartTotalSize(),
    scrollingWidth: table.getCenterTotalSize(),
    resizing,
    startResize(key, event) {
      const header = table.getFlatHeaders().find((one) => one.column.id === key);
      header?.getResizeHandler()(event);
      const done = () => {
        // The last move has been applied by then.
        setTimeout(() => {
          if (latest.current) keep(latest.current);
        });
      };
      document.addEventListener('mouseup', done, { once: true });
      document.addEventListener('touchend', done, { once: true });
    },
    nudge(key, pixels) {
      const width = table.getColumn(key)?.getSize() ?? USUAL_WIDTH;
      const next = { ...sizing, [key]: Math.max(MIN_WIDTH, width + pixels) };
      drag(next);
      keep(next);
    },
  };
}
