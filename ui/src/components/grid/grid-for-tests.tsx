/** A list of customers over the mock core, for tests of the table. */
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { useState } from 'react';
import { expect, vi } from 'vitest';
import { useCatalog } from '../../data/catalog';
import { renderInside } from '../../test/render';
import type { Sort } from '../../transport/contract';
import { Toasts } from '../feedback/Toasts';
import { DataGrid } from './DataGrid';
import type { ColumnLayout } from './layout';
import { NOTHING, type Selection } from './selection';
import { useGridSource } from './use-grid-source';

const COLUMNS = ['name', 'phone', 'level', 'annual_value'];
export const opened = vi.fn();

interface Begin {
  columns?: string[];
  customers?: number;
  startAt?: { row: number };
  meddle?(method: string, params: unknown): void;
}

function Customers({ columns = COLUMNS, startAt }: Begin) {
  const entity = useCatalog().entity('customer');
  const [sort, setSort] = useState<Sort[]>([]);
  const [layout, setLayout] = useState<ColumnLayout>({ shown: columns });
  const [selection, setSelection] = useState<Selection>(NOTHING);
  const live = useGridSource({ entity: 'customer', sort }, layout.shown ?? columns);
  return (
    <>
      <output data-testid="chosen">{selection.all ? 'all' : selection.ids.size}</output>
      <output data-testid="layout">{JSON.stringify(layout)}</output>
      <button type="button" data-testid="other-layout" onClick={() => setLayout({ shown: columns })}>
        other
      </button>
      <DataGrid
        entity={entity}
        live={live}
        layout={layout}
        onLayout={setLayout}
        sort={sort}
        onSort={setSort}
        selection={selection}
        onSelection={setSelection}
        onOpen={opened}
        startAt={startAt ?? null}
      />
      <Toasts />
    </>
  );
}

export const begin = async ({ customers, meddle, ...rest }: Begin = {}) => {
  opened.mockClear();
  renderInside(<Customers {...rest} />, customers === undefined ? {} : { customers }, meddle);
  await screen.findAllByTestId('grid-row');
};
export const row = (index: number): HTMLElement => {
  const found = screen.getAllByTestId('grid-row').find((one) => one.dataset.row === String(index));
  if (!found) throw new Error(`row ${index} is not drawn`);
  return found;
};
export const cell = (index: number, column: string) => within(row(index)).getByTestId(`grid-cell-${column}`);
/** What a cell says, without the button that edits it. */
export const textAt = (index: number, column: string) => cell(index, column).textContent?.replace('✎', '');
export const focusOn = (index: number, column: string) => {
  // Clicked again where rows that just came took the focus away.
  return waitFor(() => {
    fireEvent.click(cell(index, column));
    expect(document.activeElement).toBe(cell(index, column));
  });
};
export const press = (key: string, init: KeyboardEventInit & { keyCode?: number } = {}) =>
  fireEvent.keyDown(document.activeElement ?? document.body, { key, ...init });
