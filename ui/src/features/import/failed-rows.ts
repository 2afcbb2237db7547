/** The rows that were left out, as a workbook to fix and bring in again. */
import { showToast } from '../../components/feedback/toasts';
import { tried } from '../../data/writes';
import { i18n } from '../../i18n';
import type { ImportOpened } from '../../transport/contract';
import { pickSave, revealFile } from '../../transport/platform';
import { call } from '../../transport/transport';

export async function saveFailedRows(opened: ImportOpened): Promise<void> {
  const file = opened.file.replace(/\.[^.]+$/, '');
  const path = await tried(
    pickSave(i18n.t('imports.result.saveFailedTitle'), i18n.t('imports.result.failedName', { file }), [
      { name: i18n.t('lists.sheetFiles'), extensions: ['xlsx'] },
    ]),
  );
  const saved = path ? await tried(call('import_failed_rows', { import: opened.import, path })) : null;
  if (!saved) return;
  showToast({
    tone: 'good',
    text: i18n.t('imports.result.failedSaved', { count: saved.rows }),
    action: { label: i18n.t('common.showInFolder'), run: () => void tried(revealFile(saved.path)) },
  });
}
