/** The head of the grid: click sorts (with Shift as a further key), drag moves, the edge resizes. */
import { CaretDownOutlined, CaretUpOutlined, MoreOutlined } from '@ant-design/icons';
import { Dropdown } from 'antd';
import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';
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
  const { columns, scrolling, width, height, allSelected, someSelected, onSelectAll } = props;
  const { t } = useTranslation();
  const [drop, setDrop] = useState<{ key: string; to: number; x: number } | null>(null);
  const row = useRef<HTMLDivElement>(null);

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
      onDrag={target}
      onDragEnd={() => setDrop(null)}
    />
  );

  return (
    <div ref={row} role="row" aria-rowindex={1} className="grid-header" style={{ width, height }}>
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
  onDrag,
  onDragEnd,
}: HeaderCellProps) {
  const { t } = useTranslation();
  const catalog = useCatalog();
  const { field, index } = column;
  const label = catalog.label(field.label);
  const place = sort.findIndex((one) => one.field === field.key);
  const sorted = sort[place];
  const sortable = !UNSORTABLE.has(field.type);
  const drag = useRef<{ x: number; moved: boolean; to: number } | null>(null);

  const down = (event: PointerEvent) => {
    if (event.button !== 0) return;
    drag.current = { x: event.clientX, moved: false, to: index };
    event.currentTarget.setPointerCapture?.(event.pointerId);
  };
  const move = (event: PointerEvent) => {
    const now = drag.current;
    if (!now || (!now.moved && Math.abs(event.clientX - now.x) < DRAG_FROM)) return;
    now.moved = true;
    now.to = onDrag(field.key, event.clientX);
  };
  const up = (event: PointerEvent) => {
    const now = drag.current;
    drag.current = null;
    onDragEnd();
    if (!now) return;
    if (now.moved) onMove(field.key, now.to > index ? now.to - 1 : now.to);
    else if (sortable) onSort(nextSort(sort, field.key, event.shiftKey));
  };
  const key = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    if (event.key === 'Enter' && sortable) onSort(nextSort(sort, field.key, event.shiftKey));
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
        type="button"
        className="grid-head-label"
        title={label}
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={up}
        onPointerCancel={() => {
          drag.current = null;
          onDragEnd();
        }}
        onKeyDown={key}
      >
        <span>{label}</span>
        {sorted ? sorted.descending ? <CaretDownOutlined /> : <CaretUpOutlined /> : null}
        {sorted && sort.length > 1 ? <small>{place + 1}</small> : null}
      </button>
      <Dropdown
        trigger={['click']}
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
        <button type="button" className="grid-head-menu" aria-label={t('grid.columnMenu', { field: label })}>
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
