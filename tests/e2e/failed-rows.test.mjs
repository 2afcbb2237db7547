// A workbook with mistakes: the reasons are seen at the cells before anything is written, and the rows that were left
// out come back as a workbook, are mended there and brought in without a row twice (R32).
import assert from 'node:assert/strict';
import { scene } from './desktop.mjs';
import { eventually } from './driver.mjs';
import { applyImport, checkRows, countOf, goTo, openImport, setUp } from './steps.mjs';

const ROWS = 300;
const ERRORS = 10;

scene(
  'mistakes are shown at their cells, mended in the failed-rows workbook and imported',
  async (desktop) => {
    const file = desktop.file('客户.xlsx');
    const truth = await desktop.tool('workbook', [file, '--rows', ROWS, '--seed', 11, '--errors', ERRORS]);
    assert.equal(truth.errors.length, ERRORS);
    const page = await desktop.open();
    await setUp(page);
    await (await page.byId('start-import')).click();

    await openImport(desktop, file);
    const planned = await checkRows(page);
    assert.deepEqual(planned, { create: truth.created, update: 0, skip: truth.skipped, fail: ERRORS });
    await (await page.byId('import-card-fail')).click();
    await seeReasons(page, truth.errors);
    const { created, skipped, failed } = truth;
    assert.deepEqual(await applyImport(page), { created, updated: 0, skipped, failed });

    const mended = await mend(desktop, truth.errors);
    await importMended(desktop, mended, { create: ERRORS, update: 0, skip: 0, fail: 0 });
    assert.deepEqual(await applyImport(page), { created: ERRORS, updated: 0, skipped: 0, failed: 0 });
    const newCompanies = truth.errors.filter((error) => error.own_company).length;
    assert.ok(newCompanies < ERRORS, 'some are further people of companies that are there by now');
    await countOf(page, 'customers', truth.records.customer + newCompanies);
    await countOf(page, 'contacts', truth.records.contact + ERRORS);

    await goTo(page, 'import');
    await importMended(desktop, mended, { create: 0, update: 0, skip: ERRORS, fail: 0 });
  },
);

/** Each failed row, its bad cell marked and the reason in words. */
async function seeReasons(page, errors) {
  const script = `return [...document.querySelectorAll('[data-testid="plan-row"]')].map((row) => ({
    row: Number(row.querySelector('.plan-number')?.innerText),
    reasons: row.querySelector('.plan-reasons')?.innerText ?? '',
    bad: [...row.querySelectorAll('[data-testid="plan-bad-cell"][aria-invalid]')].length,
  }));`;
  const rows = await eventually('the failed rows', async () => {
    const seen = await page.run(script);
    return seen.length === errors.length && seen.every(({ reasons }) => reasons !== '') ? seen : undefined;
  });
  for (const { row, column } of errors) {
    const seen = rows.find((one) => one.row === row);
    assert.ok(seen, `row ${row} is listed`);
    assert.ok(seen.reasons.includes(column), `${seen.reasons} names ${column}`);
    assert.equal(seen.bad, 1, `one bad cell in row ${row}`);
  }
}

/** Saves the rows that were left out and puts right what was wrong; answers the mended workbook. */
async function mend(desktop, errors) {
  const left = desktop.file('失败行.xlsx');
  desktop.pick(left);
  await (await desktop.page.byId('import-save-failed')).click();
  await desktop.page.withText('toast', String(ERRORS));
  const { rows } = await desktop.tool('xlsx-json', [left]);
  const [header, ...lines] = rows;
  assert.equal(lines.length, ERRORS);
  const edits = errors.map(({ column, mended }, n) => {
    assert.ok(lines[n].cells.at(-1).includes(column), `the reason names ${column}`);
    assert.ok(header.cells.includes(column));
    return { row: lines[n].row, column, text: mended };
  });
  const mended = desktop.file('改好.xlsx');
  await desktop.tool('xlsx-patch', [left, mended, JSON.stringify(edits)]);
  return mended;
}

async function importMended(desktop, file, expected) {
  const { page } = desktop;
  await (await page.byId('import-anew')).click();
  await openImport(desktop, file);
  assert.deepEqual(await checkRows(page), expected);
}
