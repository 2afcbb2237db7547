/** Copies the chosen rows, or the active cell, as a block that spreadsheets paste. */
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { learnRegions } from '../../data/regions';
import { tried } from '../../data/writes';
import type { FieldDef, Row } from '../../transport/contract';
import { copyText } from '../../transport/platform';
import { showToast } from '../feedback/toasts';
import { asIds, type Names, plainValue } from '../fields/values';
import { toTsv } from './clipboard';
import { isSelected, type Selection, selectedCount } from './selection';
import type { GridSource } from './source';

/** More rows than this are a matter of an export. */
export const COPY_LIMIT = 5000;

interface Copied {
  shown: FieldDef[];
  selection: Selection;
  /** The active cell, copied where no row is chosen. */
  row: number;
  column: number;
}

export function useCopy(source: GridSource | null, names: Names) {
  const { t } = useTranslation();

  return useCallback(
    async ({ shown, selection, row: at, column }: Copied): Promise<void> => {
      if (!source) return;
      const put = async (rows: Row[], fields: FieldDef[], said: string) => {
        const block = rows.map((row) =>
          fields.map((field) => plainValue(field, source.value(row, field.key), names)),
        );
        if (block.length && (await copyText(toTsv(block)))) showToast({ text: said });
      };
      const count = selectedCount(selection, source.length);
      if (count === 0) {
        const row = source.row(at);
        const field = shown[column];
        if (row && field) await put([row], [field], t('common.copied'));
      } else if (count > COPY_LIMIT) {
        showToast({ tone: 'bad', text: t('grid.copyTooLarge', { max: COPY_LIMIT }) });
      } else {
        const rows = await tried(source.chosenRows((id) => isSelected(selection, id), count));
        if (!rows) return;
        const regions = shown.filter((field) => field.type === 'region');
        const codes = regions.flatMap(({ key }) => rows.flatMap((row) => asIds(source.value(row, key))));
        // Without its name a region is copied as its code, which pastes as well.
        await learnRegions(codes).catch(() => undefined);
        await put(rows, shown, t('grid.copied', { count: rows.length }));
      }
    },
    [source, names, t],
  );
}
