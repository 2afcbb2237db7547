/** Edits in the grid: shown at once, put back with the reason where the core refuses them. */
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { offerUndo, showError, tried } from '../../data/writes';
import type { EntityDef, FieldDef, FieldValues, JsonValue, Row, Saved } from '../../transport/contract';
import { call } from '../../transport/transport';
import { codeText } from '../feedback/error-text';
import { showToast } from '../feedback/toasts';
import { type Names, NotAValue, readValue } from '../fields/values';
import { fromTsv } from './clipboard';
import { isEditableField } from './GridRow';
import type { GridSource } from './source';

/** A block larger than this belongs into an import, with its preview. */
export const PASTE_LIMIT = 5000;

const same = (a: JsonValue, b: JsonValue) => JSON.stringify(a) === JSON.stringify(b);

export function useCellEdits(
  entity: EntityDef,
  source: GridSource | null,
  names: Names,
  editedInPlace: (id: string) => void,
) {
  const { t } = useTranslation();

  /** Shows the changes at once and writes them as one step; all are put back where it is refused. */
  const save = useCallback(
    async (edits: { row: Row; values: FieldValues }[]): Promise<Saved | null> => {
      if (!source) return null;
      const rollback = edits.flatMap(({ row, values }) =>
        Object.entries(values).map(([key, value]) => source.patch(row.id, key, value ?? null)),
      );
      for (const { row } of edits) editedInPlace(row.id);
      try {
        const changes = edits.map(({ row, values }) => ({ id: row.id, fields: values }));
        return await call('update_many', { entity: entity.key, changes });
      } catch (thrown) {
        for (const putBack of rollback) putBack();
        showError(thrown);
        return null;
      }
    },
    [entity.key, source, editedInPlace],
  );

  const titleOf = useCallback(
    (row: Row) => String(source?.value(row, entity.title) ?? '') || t('common.unnamed'),
    [source, entity.title, t],
  );

  const saveCell = useCallback(
    async (row: Row, field: FieldDef, value: JsonValue): Promise<void> => {
      if (!source || same(source.value(row, field.key), value)) return;
      const saved = await save([{ row, values: { [field.key]: value } }]);
      if (saved) offerUndo(saved, t('common.toast.updated', { title: titleOf(row) }));
    },
    [source, save, titleOf, t],
  );

  /** Pastes a block of cells with its left upper corner at `from`; the whole is one step. */
  const paste = useCallback(
    async (text: string, from: { row: number; column: number }, columns: FieldDef[]): Promise<void> => {
      if (!source) return;
      const block = fromTsv(text);
      const cells = block.reduce((sum, row) => sum + row.length, 0);
      if (cells > PASTE_LIMIT) {
        showToast({ tone: 'bad', text: t('grid.pasteTooLarge', { max: PASTE_LIMIT }) });
        return;
      }
      // A block may reach beyond the rows that are loaded.
      const rows = await tried(source.rowsAt(from.row, block.length));
      if (!rows) return;
      const edits: { row: Row; values: FieldValues }[] = [];
      for (const [down, row] of rows.entries()) {
        const texts = block[down] ?? [];
        const values: FieldValues = {};
        for (const [right, typed] of texts.entries()) {
          const field = columns[from.column + right];
          if (!field || !isEditableField(field)) continue;
          try {
            values[field.key] = await readValue(field, typed, names.catalog, source.value(row, field.key));
          } catch (thrown) {
            if (!(thrown instanceof NotAValue)) showError(thrown);
            else
              showToast({
                tone: 'bad',
                text: `${names.catalog.label(field.label)}: ${codeText(thrown.code)}`,
              });
          }
        }
        if (Object.keys(values).length) edits.push({ row, values });
      }
      const saved = edits.length ? await save(edits) : null;
      const pasted = edits.reduce((sum, { values }) => sum + Object.keys(values).length, 0);
      if (saved) offerUndo(saved, t('grid.pasted', { count: pasted }));
      if (rows.length < block.length) {
        showToast({ tone: 'bad', text: t('grid.pasteBeyond', { count: block.length - rows.length }) });
      }
    },
    [source, names, save, t],
  );

  return { saveCell, paste };
}
