/** The one open editor of the grid: which cell it stands in, and what becomes of its value. */
import { type ReactNode, useEffect, useState } from 'react';
import type { FieldDef, JsonValue, Row } from '../../transport/contract';
import { asIds, type Names } from '../fields/values';
import { type AfterEdit, CellEditor } from './CellEditor';
import { isEditableField } from './GridRow';
import type { Cell } from './movement';
import type { GridSource } from './source';
import type { LiveSource } from './use-grid-source';

interface Editing extends Cell {
  field: FieldDef;
  /** The row as it was: it may be dropped from memory while one scrolls far away. */
  begun: Row;
  seed: string | undefined;
}

interface EditingOptions {
  live: LiveSource;
  shown: FieldDef[];
  names: Names;
  editable: boolean;
  saveCell(row: Row, field: FieldDef, value: JsonValue): Promise<void>;
  /** Goes on from the cell whose edit has ended. */
  onEnd(from: Cell, then: AfterEdit): void;
}

export function useEditing({ live, shown, names, editable, saveCell, onEnd }: EditingOptions) {
  const { source, hold } = live;
  const [editing, setEditing] = useState<Editing | null>(null);
  const isEditing = editing !== null;

  useEffect(() => {
    if (!isEditing) return;
    hold(true);
    return () => hold(false);
  }, [isEditing, hold]);

  const end = (then: AfterEdit) => {
    if (!editing) return;
    setEditing(null);
    onEnd(editing, then);
  };

  const keep = (value: JsonValue, then: AfterEdit) => {
    end(then);
    if (editing) void saveCell(rowOf(source, editing), editing.field, value);
  };

  const start = (cell: Cell, seed?: string): boolean => {
    const begun = source?.row(cell.row);
    const field = shown[cell.column];
    if (!editable || !begun || !field || !isEditableField(field)) return false;
    setEditing({ ...cell, field, begun, seed });
    return true;
  };

  const render = (): ReactNode => {
    if (!editing || !source) return null;
    const { field, begun, seed } = editing;
    const row = rowOf(source, editing);
    const contextOf = (key: string) => asIds(source.value(row, key))[0] ?? null;
    return (
      <CellEditor
        key={`${begun.id} ${field.key}`}
        field={field}
        value={source.value(row, field.key)}
        titles={source.titles}
        context={{ customer: contextOf('customer'), pipeline: contextOf('pipeline') }}
        seed={seed}
        label={names.catalog.label(field.label)}
        onKeep={keep}
        onDrop={() => end('stay')}
      />
    );
  };

  return {
    isEditing,
    start,
    cancel: () => setEditing(null),
    editor: render(),
    /** The key of the edited column where this row is the edited one. */
    columnIn: (row: Row | undefined, index: number): string | null => {
      if (!editing) return null;
      const isHere = row ? row.id === editing.begun.id : index === editing.row;
      return isHere ? editing.field.key : null;
    },
  };
}

const rowOf = (source: GridSource | null, { begun }: Editing): Row =>
  source?.row(source.indexOf(begun.id)) ?? begun;
