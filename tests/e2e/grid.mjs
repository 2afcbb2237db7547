// The grid as a person reads it: every row and column that scrolling brings to sight, as text; and the comparison of
// that with an exported workbook.
import assert from 'node:assert/strict';

/** Size of the window while a list is read; the desktop has to have room for it. */
export const LARGE = [3200, 1500];

// One screen after the other, from the top; at each, from the left. What is still on its way is waited for.
const READ = `
  const [expected] = args;
  const scroller = document.querySelector('[data-testid="grid"] [role="grid"]');
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const headers = new Map();
  const rows = new Map();
  const rowsInSight = async () => {
    const end = performance.now() + 10_000;
    for (;;) {
      await frame();
      const seen = [...scroller.querySelectorAll('[data-testid="grid-row"]')];
      const isDrawn = (index) => index >= expected || seen.some((row) => Number(row.dataset.row) === index);
      const height = seen[0]?.getBoundingClientRect().height ?? 1;
      const isFilled = isDrawn(Math.floor(scroller.scrollTop / height)) &&
        isDrawn(Math.floor((scroller.scrollTop + scroller.clientHeight) / height) - 2);
      // The row with the focus stays drawn when it is far away, its cells need not.
      const known = seen.filter((row) => !row.querySelector('.grid-skeleton'));
      const near = seen.filter((row) => Math.abs(Number(row.dataset.row) * height - scroller.scrollTop) < 4_000);
      if (isFilled && near.every((row) => known.includes(row))) return known;
      if (performance.now() > end) throw new Error('not drawn at ' + scroller.scrollTop);
    }
  };
  const read = (seen) => {
    for (const head of scroller.querySelectorAll('[data-testid^="grid-header-"]')) {
      headers.set(head.dataset.testid.replace('grid-header-', ''), head.innerText.trim());
    }
    for (const row of seen) {
      const index = Number(row.dataset.row);
      const cells = rows.get(index) ?? rows.set(index, {}).get(index);
      for (const cell of row.querySelectorAll('[data-column]')) {
        cells[cell.dataset.column] = cell.querySelector('.grid-title, .grid-value').textContent.trim();
      }
    }
  };
  const widest = scroller.scrollWidth - scroller.clientWidth;
  scroller.scrollTop = 0;
  while (rows.size < expected) {
    const before = rows.size;
    for (let left = 0; ; left = Math.min(widest, left + scroller.clientWidth / 2)) {
      scroller.scrollLeft = left;
      read(await rowsInSight());
      if (left >= widest) break;
    }
    if (rows.size === before) throw new Error(before + ' rows read, ' + expected + ' expected');
    const height = scroller.querySelector('[data-testid="grid-row"]').getBoundingClientRect().height;
    scroller.scrollTop = Math.max(...rows.keys()) * height;
  }
  const inOrder = [...rows].sort((a, b) => a[0] - b[0]);
  return { headers: [...headers], rows: inOrder.map(([, cells]) => cells) };`;

/** Reads the open list to its end: `{headers: [[key, label]], rows: [{key: text}]}`. A large window needs fewer steps. */
export async function readGrid(page, expected) {
  await page.resize(...LARGE);
  await page.allowScripts(50_000);
  const grid = await page.runAsync(READ, expected);
  assert.equal(grid.rows.length, expected);
  return grid;
}

/** Holds every row and column on screen against the rows of a workbook, whose first row has the labels. */
export function sameAsOnScreen({ headers, rows }, workbook) {
  const [labels, ...lines] = workbook.rows.map(({ cells }) => cells);
  assert.equal(lines.length, rows.length);
  assert.deepEqual([...labels].sort(), headers.map(([, label]) => label).sort());
  for (const [index, row] of rows.entries()) {
    for (const [key, label] of headers) {
      const written = lines[index][labels.indexOf(label)] ?? null;
      assert.ok(
        same(key, row[key], written),
        `row ${index + 1}, ${label}: ${row[key]} on screen, ${written} in the file`,
      );
    }
  }
}

function same(key, shown, written) {
  if (written === null || shown === '') return written === null && shown === '';
  if (typeof written === 'number') return Number(shown.replace(/[^\d.-]/g, '')) === written;
  // Lists show the end of a region's path, the file all of it.
  if (key === 'region') return shown.split(' ').every((part) => written.includes(part));
  if (key === 'tags') return shown === written.replaceAll('、', '');
  // Lists show a time to the minute, the file has it to the second.
  if (/^\d{4}-\d\d-\d\dT/.test(written)) return written.replace('T', ' ').startsWith(shown);
  return shown === written;
}
