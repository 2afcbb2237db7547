/**
 * The table of records. Rows and columns are drawn only where they are seen; keys work as in a
 * spreadsheet; what a cell shows and how it is edited follows from its `FieldDef`.
 */
import { defaultRangeExtractor, type Range, useVirtualizer } from '@tanstack/react-virtual';
import {
  type ClipboardEvent,
  type FocusEvent,
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { useTranslation } from 'react-i18next';
import { useLookSizes } from '../../theme/theme';
import type { EntityDef, FieldDef, Sort } from '../../transport/contract';
import { useNames } from '../fields/FieldView';
import { isNumeric } from '../fields/values';
import { isComposing, startsText } from '../keys';
import type { AfterEdit } from './CellEditor';
import { GridFooter } from './GridFooter';
import { GridHeader } from './GridHeader';
import { GridRow, isEditableField, SELECT_WIDTH } from './GridRow';
import { GridTrouble } from './GridTrouble';
import { type ColumnLayout, shownFields, useColumns } from './layout';
import { type Cell, moved } from './movement';
import { EVERYTHING, isSelected, NOTHING, ranged, type Selection, selectedCount, toggled } from './selection';
import { useCellEdits } from './use-cell-edits';
import { useCopy } from './use-copy';
import { useEditing } from './use-editing';
import type { LiveSource } from './use-grid-source';
import { useMarks } from './use-marks';

interface DataGridProps {
  entity: EntityDef;
  live: LiveSource;
  layout: ColumnLayout;
  onLayout(layout: ColumnLayout): void;
  sort: Sort[];
  onSort(sort: Sort[]): void;
  selection: Selection;
  onSelection(selection: Selection): void;
  onOpen(id: string): void;
  /** Asks to delete what is selected. */
  onRemove?(): void;
  editable?: boolean;
  /** The row to begin at, where one comes back to the list. */
  startAt?: { row: number } | null;
  /** Shown in place of rows where there are none. */
  empty?: ReactNode;
}

const OVERSCAN = 8;

export function DataGrid(props: DataGridProps) {
  const { entity, live, layout, onLayout, sort, onSort, selection, onSelection, onOpen, onRemove } = props;
  const { editable = true, empty, startAt = null } = props;
  const { source, editedInPlace, trouble, retry } = live;
  const { t } = useTranslation();
  const { row: rowHeight, scale } = useLookSizes();
  const names = useNames(source?.titles ?? NO_TITLES);
  const [active, setActive] = useState<Cell>({ row: 0, column: 0 });
  const scroller = useRef<HTMLDivElement>(null);
  const wantFocus = useRef(false);
  // Only a cell that a person went to takes letters as its text; elsewhere they are shortcuts.
  const entered = useRef(false);

  const shown = useMemo(() => shownFields(entity, layout), [entity, layout]);
  const columns = useColumns(shown, layout, scale, (sizes) => onLayout({ ...layout, sizes }));
  const { saveCell, paste } = useCellEdits(entity, source, names, editedInPlace);
  const copy = useCopy(source, names);
  const count = source?.length ?? 0;
  const activeRow = Math.min(active.row, Math.max(0, count - 1));
  const activeColumn = Math.min(active.column, shown.length - 1);
  const headHeight = Math.max(rowHeight - 2, 28);

  // The active row stays drawn when it is scrolled away: focus must not fall out of the grid.
  const keepRow = useCallback(
    (range: Range) => withIndex(defaultRangeExtractor(range), activeRow, range.count),
    [activeRow],
  );
  const rows = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
    rangeExtractor: keepRow,
    useFlushSync: false,
  });
  const activeScrolling = activeColumn - columns.frozen.length;
  const keepColumn = useCallback(
    (range: Range) => withIndex(defaultRangeExtractor(range), activeScrolling, range.count),
    [activeScrolling],
  );
  const across = useVirtualizer({
    horizontal: true,
    count: columns.scrolling.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => columns.scrolling[index]?.width ?? 0,
    scrollMargin: SELECT_WIDTH + columns.frozenWidth,
    overscan: 2,
    rangeExtractor: keepColumn,
    useFlushSync: false,
  });
  const widths = columns.placed.map((column) => column.width).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: sizes are measured again when any of them changes
  useLayoutEffect(() => {
    rows.measure();
    across.measure();
  }, [rowHeight, widths]);

  const go = (cell: Cell) => {
    setActive(cell);
    entered.current = true;
    wantFocus.current = true;
    rows.scrollToIndex(cell.row, { align: 'auto' });
    scrollColumnIntoSight(scroller.current, columns.placed[cell.column], columns.frozenWidth);
  };

  const { isEditing, start, cancel, editor, columnIn } = useEditing({
    live,
    shown,
    names,
    editable,
    saveCell,
    onEnd(from, then) {
      const [down, right] = STEPS[then];
      go({
        row: Math.min(Math.max(from.row + down, 0), count - 1),
        column: Math.min(Math.max(from.column + right, 0), shown.length - 1),
      });
    },
  });
  const startEdit = (cell: Cell, seed?: string) => {
    if (start(cell, seed)) setActive(cell);
  };

  const items = rows.getVirtualItems();
  const firstSeen = rows.range?.startIndex ?? 0;
  const lastSeen = rows.range?.endIndex ?? 0;
  const markOf = useMarks(source, firstSeen, lastSeen);
  useEffect(() => {
    if (source?.length) source.need(firstSeen, lastSeen);
  }, [source, firstSeen, lastSeen]);

  // Another view begins at its top; a list that one comes back to begins where it was left.
  const queryKey = JSON.stringify(source?.query);
  const arrived = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another query scrolls back
  useEffect(() => {
    cancel();
    if (source && startAt && !arrived.current) {
      setActive((cell) => ({ row: startAt.row, column: cell.column }));
      rows.scrollToIndex(startAt.row, { align: 'center' });
      wantFocus.current = true;
      entered.current = false;
    } else {
      scroller.current?.scrollTo?.({ top: 0 });
      setActive((cell) => ({ row: 0, column: cell.column }));
    }
    arrived.current = source !== null;
  }, [queryKey]);

  // Columns that leave room give it to the last one, so that rows reach the edge.
  const needed = SELECT_WIDTH + columns.frozenWidth + columns.scrollingWidth;
  const width = Math.max(needed, across.scrollRect?.width ?? 0);
  const spare = width - needed;
  const scrollingKey = across
    .getVirtualItems()
    .map((item) => item.index)
    .join();
  const { scrolling: placedScrolling } = columns;
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows are drawn again only when these columns differ
  const scrolling = useMemo(
    () =>
      scrollingKey.split(',').flatMap((index) => {
        const column = index === '' ? undefined : placedScrolling[Number(index)];
        if (!column) return [];
        const isLast = Number(index) === placedScrolling.length - 1;
        return isLast && spare > 0 && !isNumeric(column.field)
          ? { ...column, width: column.width + spare }
          : column;
      }),
    [scrollingKey, widths, shown, spare],
  );
  const { frozen: placedFrozen } = columns;
  // biome-ignore lint/correctness/useExhaustiveDependencies: as above
  const frozen = useMemo(() => placedFrozen, [widths, shown, columns.frozenWidth]);
  const cellKeys = source?.columns.join() ?? '';
  const cellAt = useMemo(() => new Map(cellKeys.split(',').map((key, at) => [key, at])), [cellKeys]);

  const focusActive = useCallback(() => {
    const key = shown[activeColumn]?.key;
    scroller.current
      ?.querySelector<HTMLElement>(`[data-row="${activeRow}"] [data-column="${key}"]`)
      ?.focus({ preventScroll: true });
  }, [activeRow, activeColumn, shown]);
  useLayoutEffect(() => {
    if (!wantFocus.current || isEditing) return;
    wantFocus.current = false;
    focusActive();
  });

  const selectRange = async (to: number) => {
    if (!source) return;
    const anchor = selection.anchor ?? activeRow;
    const ids = await source.ids(Math.min(anchor, to), Math.abs(to - anchor) + 1);
    onSelection(ranged(ids, anchor));
  };

  const keyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (isEditing || isComposing(event) || event.altKey) return;
    if (!(event.target as HTMLElement).closest('[data-column], .grid-body')) return;
    const ctrl = event.ctrlKey || event.metaKey;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 2);
    const here = { row: activeRow, column: activeColumn };
    const next = moved(event.key, ctrl, here, { rows: count, columns: shown.length, page });
    const row = source?.row(activeRow);
    if (next) {
      go(next);
      if (event.shiftKey && next.row !== activeRow) void selectRange(next.row);
    } else if (event.key === 'Enter' && row) onOpen(row.id);
    else if (event.key === 'F2') startEdit(here);
    else if (event.key === ' ' && row) onSelection(toggled(selection, row.id, activeRow));
    else if (ctrl && event.key === 'a') onSelection(EVERYTHING);
    else if (ctrl && event.key === 'c') void copy({ shown, selection, ...here });
    else if (event.key === 'Escape' && selectedCount(selection, count) > 0) onSelection(NOTHING);
    else if (event.key === 'Delete' && onRemove && selectedCount(selection, count) > 0) onRemove();
    else if ((event.key === 'Delete' || event.key === 'Backspace') && row) clearCell(here);
    else if (startsText(event) && entered.current && canTypeOver(entity, shown[activeColumn]))
      startEdit(here, event.key);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const clearCell = (cell: Cell) => {
    const row = source?.row(cell.row);
    const field = shown[cell.column];
    if (editable && row && field && isEditableField(field) && !field.required)
      void saveCell(row, field, null);
  };

  const click = (event: MouseEvent<HTMLDivElement>) => {
    const target = event.target as HTMLElement;
    const rowElement = target.closest<HTMLElement>('[data-row]');
    if (!rowElement || target.closest('.cell-editor')) return;
    const index = Number(rowElement.dataset.row);
    const row = source?.row(index);
    if (!row) return;
    const key = target.closest<HTMLElement>('[data-column]')?.dataset.column;
    const column = key ? shown.findIndex((field) => field.key === key) : activeColumn;
    if (event.shiftKey) {
      event.preventDefault();
      void selectRange(index);
    } else if (target.closest('[data-select]') || event.ctrlKey || event.metaKey) {
      onSelection(toggled(selection, row.id, index));
    } else if (target.closest('[data-edit]')) {
      startEdit({ row: index, column });
      return;
    } else if (target.closest('[data-open]')) {
      onOpen(row.id);
      return;
    } else if (selection.anchor === null || selectedCount(selection, count) === 0) {
      onSelection({ ...NOTHING, anchor: index });
    }
    setActive({ row: index, column });
    entered.current = key !== undefined;
    wantFocus.current = true;
  };

  const focusLeft = ({ relatedTarget }: FocusEvent<HTMLDivElement>) => {
    if (relatedTarget && !scroller.current?.contains(relatedTarget)) entered.current = false;
  };

  const doubleClick = (event: MouseEvent<HTMLDivElement>) => {
    const target = event.target as HTMLElement;
    const index = Number(target.closest<HTMLElement>('[data-row]')?.dataset.row ?? -1);
    const row = source?.row(index);
    if (!row || target.closest('.cell-editor, [data-select], [data-edit], [data-open]')) return;
    onOpen(row.id);
  };

  const pasted = (event: ClipboardEvent<HTMLDivElement>) => {
    if (isEditing || !editable) return;
    const text = event.clipboardData.getData('text/plain');
    if (!text) return;
    event.preventDefault();
    void paste(text, { row: activeRow, column: activeColumn }, shown);
  };

  const moveColumn = (key: string, to: number) => {
    const keys = shownFields(entity, layout).map((field) => field.key);
    const from = keys.indexOf(key);
    if (from < 0) return;
    keys.splice(from, 1);
    keys.splice(Math.min(to, keys.length), 0, key);
    onLayout({ ...layout, shown: keys });
  };

  const chosen = selectedCount(selection, source?.count ?? count);

  return (
    <div className="grid" data-testid="grid">
      <div
        ref={scroller}
        role="grid"
        aria-label={t('grid.label', { entity: names.catalog.label(entity.label) })}
        aria-rowcount={(source?.count ?? -1) < 0 ? -1 : (source?.count ?? 0) + 1}
        aria-colcount={shown.length + 1}
        aria-multiselectable
        className="grid-scroller"
        onKeyDown={keyDown}
        onBlur={focusLeft}
        onClick={click}
        onDoubleClick={doubleClick}
        onPaste={pasted}
      >
        <GridHeader
          columns={columns}
          scrolling={scrolling}
          width={width}
          height={headHeight}
          sort={sort}
          onSort={onSort}
          onMove={moveColumn}
          onHide={(key) =>
            onLayout({
              ...layout,
              shown: shownFields(entity, layout).flatMap((f) => (f.key === key ? [] : [f.key])),
            })
          }
          allSelected={count > 0 && chosen === count}
          someSelected={chosen > 0}
          onReach={(column) => scrollColumnIntoSight(scroller.current, column, columns.frozenWidth)}
          onSelectAll={() => onSelection(chosen === count ? NOTHING : EVERYTHING)}
        />
        <div className="grid-body" role="rowgroup" style={{ height: rows.getTotalSize(), width }}>
          {items.map((item) => {
            const row = source?.row(item.index);
            const edited = columnIn(row, item.index);
            return (
              <GridRow
                // By place, not by record: the focus and an open editor stay when the rows are fetched anew.
                key={item.index}
                row={row}
                index={item.index}
                top={item.start}
                height={item.size}
                width={width}
                frozen={frozen}
                frozenWidth={columns.frozenWidth}
                scrolling={scrolling}
                cellAt={cellAt}
                titleField={entity.title}
                names={names}
                selected={row !== undefined && isSelected(selection, row.id)}
                active={item.index === activeRow ? (shown[activeColumn]?.key ?? null) : null}
                editing={edited}
                editor={edited ? editor : null}
                canEdit={editable}
                selectLabel={t('grid.selectRow')}
                editLabel={t('common.edit')}
                mark={row ? markOf(row.id) : undefined}
              />
            );
          })}
        </div>
        {source && source.count === 0 ? <div className="grid-empty">{empty}</div> : null}
      </div>
      {trouble ? <GridTrouble error={trouble} onRetry={retry} /> : null}
      <GridFooter
        source={source}
        fields={shown}
        names={names}
        version={source?.snapshot() ?? 0}
        selected={chosen}
      />
    </div>
  );
}

const NO_TITLES = {};
/** Rows down and columns right to the next cell. */
const STEPS: Record<AfterEdit, [number, number]> = {
  down: [1, 0],
  up: [-1, 0],
  right: [0, 1],
  left: [0, -1],
  stay: [0, 0],
};

/** The drawn indexes with one more kept among them. */
function withIndex(indexes: number[], index: number, count: number): number[] {
  if (index < 0 || index >= count || indexes.includes(index)) return indexes;
  return index < (indexes[0] ?? 0) ? [index, ...indexes] : [...indexes, index];
}

/**
 * Fields that a typed letter begins to fill; the others open with F2. The name is one of those: it is where
 * one stands while going through a list, and a shortcut must not overwrite it.
 */
const canTypeOver = (entity: EntityDef, field: FieldDef | undefined): boolean =>
  field !== undefined && field.type !== 'boolean' && field.key !== entity.title;

function scrollColumnIntoSight(
  scroller: HTMLElement | null,
  column: { left: number; width: number; frozen: boolean } | undefined,
  frozenWidth: number,
): void {
  if (!scroller || !column || column.frozen) return;
  const seen = scroller.clientWidth - SELECT_WIDTH - frozenWidth;
  if (column.left < scroller.scrollLeft) scroller.scrollLeft = column.left;
  else if (column.left + column.width > scroller.scrollLeft + seen) {
    scroller.scrollLeft = column.left + column.width - seen;
  }
}
