/**
 * The head of the grid: click sorts (with Shift as a further key), drag moves, the edge resizes. For the keyboard
 * it is one stop on the way to the rows; inside it the arrows go from column to column.
 */
import { CaretDownOutlined, CaretUpOutlined, MoreOutlined } from '@ant-design/icons';
import { Dropdown } from 'antd';
import {
  type KeyboardEvent,
  type MouseEvent,
  type PointerEvent,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { useTranslation } from 'react-i18next';
import { useCatalog } from '../../data/catalog';
import type { FieldDef, Sort } from '../../transport/contract';
import { isNumeric } from '../fields/values';
import { isComposing } from '../keys';
import { SELECT_WIDTH } from './GridRow';
import type { Columns, PlacedColumn } from './layout';

interface GridHeaderProps {
  columns: Columns;
  scrolling: PlacedColumn[];
  width: number;
  height: number;
  sort: Sort[];
  onSort(sort: Sort[]): void;
  onMove(key: string, to: number): void;
  onHide(key: string): void;
  allSelected: boolean;
  someSelected: boolean;
  onSelectAll(): void;
  /** Brings a column into sight, so that its head can have the focus. */
  onReach(column: PlacedColumn): void;
}

/** Fields that have no order people would recognise. */
const UNSORTABLE = new Set(['multi_choice', 'many_reference']);
const DRAG_FROM = 6;

/** Ascending, then descending, then none; `further` keeps the other keys. */
export function nextSort(sort: Sort[], field: string, further: boolean): Sort[] {
  const now = sort.find((one) => one.field === field);
  const next: Sort[] = !now
    ? [{ field, descending: false }]
    : now.descending
      ? []
      : [{ field, descending: true }];
  if (!further) return next;
  return now ? sort.flatMap((one) => (one.field === field ? next : [one])) : [...sort, ...next];
}

export function GridHeader(props: GridHeaderProps) {
  const { columns, scrolling, width, height, allSelected, someSelected, onSelectAll, onReach } = props;
  const { t } = useTranslation();
  const [drop, setDrop] = useState<{ key: string; to: number; x: number } | null>(null);
  const row = useRef<HTMLDivElement>(null);
  const [reached, setReached] = useState<string | null>(null);
  const wantFocus = useRef(false);
  const drawn = [...columns.frozen, ...scrolling];
  const stop = drawn.find(({ field }) => field.key === reached) ?? drawn[0];

  // The head of a column far off is drawn only once it has been brought into sight.
  useLayoutEffect(() => {
    if (!wantFocus.current) return;
    const head = row.current?.querySelector<HTMLElement>(`[data-head="${CSS.escape(reached ?? '')}"]`);
    if (!head) return;
    wantFocus.current = false;
    head.focus({ preventScroll: true });
  });

  const keyDown = (event: KeyboardEvent) => {
    if (isComposing(event) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const head = (event.target as HTMLElement).closest<HTMLElement>('[data-head]');
    const at = columns.placed.findIndex(({ field }) => field.key === head?.dataset.head);
    if (at < 0) return;
    const last = columns.placed.length - 1;
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const next = columns.placed[Math.min(Math.max(to, 0), last)];
    if (!next) return;
    wantFocus.current = true;
    setReached(next.field.key);
    onReach(next);
  };

  const target = (key: string, clientX: number) => {
    const left = row.current?.getBoundingClientRect().left ?? 0;
    const x = clientX - left - SELECT_WIDTH;
    let edge = 0;
    let to = columns.placed.length;
    for (const column of columns.placed) {
      const start = column.frozen ? column.left : columns.frozenWidth + column.left;
      if (x < start + column.width / 2) {
        edge = start;
        to = column.index;
        break;
      }
      edge = start + column.width;
    }
    setDrop({ key, to, x: SELECT_WIDTH + edge });
    return to;
  };

  const cell = (column: PlacedColumn, left: number) => (
    <HeaderCell
      key={column.field.key}
      {...props}
      column={column}
      left={left}
      isStop={column.field.key === stop?.field.key}
      onFocus={() => setReached(column.field.key)}
      onDrag={target}
      onDragEnd={() => setDrop(null)}
    />
  );

  return (
    <div
      ref={row}
      role="row"
      aria-rowindex={1}
      className="grid-header"
      style={{ width, height }}
      onKeyDown={keyDown}
    >
      <div className="grid-frozen" style={{ width: SELECT_WIDTH + columns.frozenWidth }}>
        <div
          role="columnheader"
          aria-colindex={1}
          className="grid-head grid-select"
          style={{ width: SELECT_WIDTH }}
        >
          <input
            type="checkbox"
            checked={allSelected}
            ref={(box) => {
              if (box) box.indeterminate = someSelected && !allSelected;
            }}
            onChange={onSelectAll}
            aria-label={t('grid.selectAll')}
            data-testid="grid-select-all"
          />
        </div>
        {columns.frozen.map((column) => cell(column, SELECT_WIDTH + column.left))}
      </div>
      {scrolling.map((column) => cell(column, SELECT_WIDTH + columns.frozenWidth + column.left))}
      {drop ? <i className="grid-drop" style={{ left: drop.x }} /> : null}
    </div>
  );
}

interface HeaderCellProps extends GridHeaderProps {
  column: PlacedColumn;
  left: number;
  /** Whether Tab comes to this one. */
  isStop: boolean;
  onFocus(): void;
  onDrag(key: string, clientX: number): number;
  onDragEnd(): void;
}

function HeaderCell({
  column,
  left,
  columns,
  sort,
  onSort,
  onMove,
  onHide,
  isStop,
  onFocus,
  onDrag,
  onDragEnd,
}: HeaderCellProps) {
  const { t } = useTranslation();
  const catalog = useCatalog();
  const { field, index } = column;
  const name = catalog.label(field.label);
  const place = sort.findIndex((one) => one.field === field.key);
  const sorted = sort[place];
  const sortable = !UNSORTABLE.has(field.type);
  const drag = useRef<{ x: number; moved: boolean; to: number } | null>(null);
  // The click that ends a drag is no click on the head.
  const dragged = useRef(false);
  const menu = useRef<HTMLButtonElement>(null);
  const label = useRef<HTMLButtonElement>(null);

  const down = (event: PointerEvent) => {
    if (event.button !== 0) return;
    drag.current = { x: event.clientX, moved: false, to: index };
    dragged.current = false;
    event.currentTarget.setPointerCapture?.(event.pointerId);
  };
  const move = (event: PointerEvent) => {
    const now = drag.current;
    if (!now || (!now.moved && Math.abs(event.clientX - now.x) < DRAG_FROM)) return;
    now.moved = true;
    now.to = onDrag(field.key, event.clientX);
  };
  const up = () => {
    const now = drag.current;
    drag.current = null;
    onDragEnd();
    if (!now?.moved) return;
    dragged.current = true;
    onMove(field.key, now.to > index ? now.to - 1 : now.to);
  };
  // A pointer, the space bar and a screen reader all end in a click.
  const click = (event: MouseEvent) => {
    const wasDrag = dragged.current && event.detail > 0;
    dragged.current = false;
    if (!wasDrag && sortable) onSort(nextSort(sort, field.key, event.shiftKey));
  };
  const key = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    // Taken here, since not every web view tells Shift with the click that Enter makes.
    if (event.key === 'Enter' && sortable) onSort(nextSort(sort, field.key, event.shiftKey));
    else if (event.key === 'ArrowDown') menu.current?.click();
    else if (event.ctrlKey && event.key === 'ArrowLeft') onMove(field.key, Math.max(0, index - 1));
    else if (event.ctrlKey && event.key === 'ArrowRight') onMove(field.key, index + 1);
    else if (event.shiftKey && event.key === 'ArrowLeft') columns.nudge(field.key, -16);
    else if (event.shiftKey && event.key === 'ArrowRight') columns.nudge(field.key, 16);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div
      role="columnheader"
      aria-colindex={index + 2}
      aria-sort={sorted ? (sorted.descending ? 'descending' : 'ascending') : 'none'}
      className={`grid-head${isNumeric(field as FieldDef) ? ' numeric' : ''}${sorted ? ' sorted' : ''}`}
      style={{ left, width: column.width }}
      data-testid={`grid-header-${field.key}`}
    >
      <button
        ref={label}
        type="button"
        className="grid-head-label"
        title={name}
        tabIndex={isStop ? 0 : -1}
        data-head={field.key}
        onFocus={onFocus}
        onClick={click}
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={up}
        onPointerCancel={() => {
          drag.current = null;
          onDragEnd();
        }}
        onKeyDown={key}
      >
        <span>{name}</span>
        {sorted ? sorted.descending ? <CaretDownOutlined /> : <CaretUpOutlined /> : null}
        {sorted && sort.length > 1 ? <small>{place + 1}</small> : null}
      </button>
      <Dropdown
        trigger={['click']}
        autoFocus
        onOpenChange={(open) => {
          // Whoever was in the menu comes back to the head; who clicked elsewhere is there already.
          if (!open && document.activeElement?.closest('.ant-dropdown')) label.current?.focus();
        }}
        menu={{
          items: [
            { key: 'up', label: t('grid.ascending'), disabled: !sortable },
            { key: 'down', label: t('grid.descending'), disabled: !sortable },
            { key: 'none', label: t('grid.unsorted'), disabled: !sorted },
            { type: 'divider' },
            { key: 'left', label: t('grid.moveLeft'), disabled: index === 0 },
            { key: 'right', label: t('grid.moveRight'), disabled: index === columns.placed.length - 1 },
            { key: 'hide', label: t('grid.hide'), disabled: columns.placed.length === 1 },
          ],
          onClick: ({ key: chosen }) => {
            if (chosen === 'up' || chosen === 'down')
              onSort([{ field: field.key, descending: chosen === 'down' }]);
            else if (chosen === 'none') onSort(sort.filter((one) => one.field !== field.key));
            else if (chosen === 'left') onMove(field.key, index - 1);
            else if (chosen === 'right') onMove(field.key, index + 1);
            else onHide(field.key);
          },
        }}
      >
        <button
          ref={menu}
          type="button"
          className="grid-head-menu"
          tabIndex={-1}
          aria-label={t('grid.columnMenu', { field: name })}
        >
          <MoreOutlined />
        </button>
      </Dropdown>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the same is done by Shift+arrows on the label */}
      <i
        className={`grid-resize${columns.resizing === field.key ? ' active' : ''}`}
        title={t('grid.resize')}
        onMouseDown={(event) => columns.startResize(field.key, event)}
        onTouchStart={(event) => columns.startResize(field.key, event)}
      />
    </div>
  );
}
