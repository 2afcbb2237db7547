import assert from 'node:assert/strict';
import { scene } from './desktop.mjs';
import { eventually } from './driver.mjs';
import { readGrid, sameAsOnScreen } from './grid.mjs';
import { goTo } from './steps.mjs';
scene('dev', async (desktop) => {
  const truth = await desktop.tool('workbook', [desktop.file('a.xlsx'), '--rows', 2000, '--seed', 7]);
  await desktop.ketu('setup', '--name', 'x');
  await desktop.ketu('import', desktop.file('a.xlsx'));
  await desktop.open();
  const t=Date.now();
  await exportList(desktop, truth);
  console.log(Date.now()-t);
}, {size:'2600x1500'});
async function exportList(desktop, truth) {
  const { page } = desktop;
  await goTo(page, 'customers');
  await (await page.byId('columns-open')).click();
  await page.byId('column-chooser');
  const hidden = '.column-chooser-list label:not(.ant-checkbox-wrapper-checked)';
  for (const column of await page.all(hidden)) await column.click();
  await page.gone(hidden);
  await page.chord('escape');
  const file = desktop.file('导出.xlsx');
  desktop.pick(file);
  await (await page.byId('export')).click();
  await page.withText('toast', String(truth.records.customer));
  const onScreen = await readGrid(page, truth.records.customer);
  sameAsOnScreen(onScreen, await desktop.tool('xlsx-json', [file]));
}
