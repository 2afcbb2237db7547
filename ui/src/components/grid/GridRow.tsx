/** One row of the grid. It renders again only when its own cells, marks or columns change. */
import { memo, type ReactNode } from 'react';
import type { Row } from '../../transport/contract';
import { ValueView } from '../fields/FieldView';
import { isNumeric, type Names } from '../fields/values';
import { Dot } from './Dot';
import type { PlacedColumn } from './layout';

export const SELECT_WIDTH = 40;

export interface GridRowProps {
  row: Row | undefined;
  index: number;
  top: number;
  height: number;
  width: number;
  frozen: PlacedColumn[];
  frozenWidth: number;
  scrolling: PlacedColumn[];
  cellAt: ReadonlyMap<string, number>;
  titleField: string;
  names: Names;
  selected: boolean;
  /** Key of the active column where this row is the active one. */
  active: string | null;
  /** The open editor and its column. */
  editor: ReactNode;
  editing: string | null;
  canEdit: boolean;
  selectLabel: string;
  editLabel: string;
  /** A mark beside the name, e.g. that the server does not have the record yet. */
  mark?: { state: string; label: string } | undefined;
}

export const GridRow = memo(function GridRow(props: GridRowProps) {
  const { row, index, top, height, width, frozen, frozenWidth, scrolling, selected, active, selectLabel } =
    props;
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      data-testid="grid-row"
      data-row={index}
      data-id={row?.id}
      className={`grid-row${selected ? ' selected' : ''}${active !== null ? ' current' : ''}`}
      style={{ top, height, width }}
    >
      <div className="grid-frozen" style={{ width: SELECT_WIDTH + frozenWidth }}>
        <div
          role="gridcell"
          aria-colindex={1}
          className="grid-cell grid-select"
          data-select
          style={{ width: SELECT_WIDTH }}
        >
          <span
            role="checkbox"
            aria-checked={selected}
            aria-label={selectLabel}
            className="grid-check"
            data-testid="grid-row-select"
          />
        </div>
        {frozen.map((column) => (
          <GridCell key={column.field.key} {...props} column={column} left={SELECT_WIDTH + column.left} />
        ))}
      </div>
      {scrolling.map((column) => (
        <GridCell
          key={column.field.key}
          {...props}
          column={column}
          left={SELECT_WIDTH + frozenWidth + column.left}
        />
      ))}
    </div>
  );
});

function GridCell({ column, left, ...props }: GridRowProps & { column: PlacedColumn; left: number }) {
  const { row, cellAt, titleField, names, active, editing, editor, canEdit, mark } = props;
  const { field } = column;
  const isActive = active === field.key;
  const isEditing = editing === field.key;
  const value = row?.cells[cellAt.get(field.key) ?? -1];
  const editable = canEdit && isActive && !isEditing && isEditableField(field);
  return (
    <div
      role="gridcell"
      aria-colindex={column.index + 2}
      aria-readonly={!canEdit || !isEditableField(field)}
      tabIndex={isActive ? 0 : -1}
      data-column={field.key}
      data-testid={`grid-cell-${field.key}`}
      className={`grid-cell${isNumeric(field) ? ' numeric' : ''}${isActive ? ' active' : ''}${isEditing ? ' editing' : ''}`}
      style={{ left, width: column.width }}
    >
      {isEditing ? (
        editor
      ) : row === undefined ? (
        <span className="grid-skeleton" />
      ) : field.key === titleField ? (
        <>
          <span className="grid-title" data-open>
            <ValueView field={field} value={value} names={names} />
          </span>
          {mark ? <Dot state={mark.state} label={mark.label} /> : null}
        </>
      ) : (
        <span className="grid-value">
          <ValueView field={field} value={value} names={names} />
        </span>
      )}
      {editable ? (
        <button
          type="button"
          className="grid-pencil"
          tabIndex={-1}
          data-edit
          aria-label={props.editLabel}
          title="F2"
        >
          ✎
        </button>
      ) : null}
    </div>
  );
}

export const isEditableField = (field: PlacedColumn['field']): boolean =>
  !field.read_only && field.type !== 'auto_number';
