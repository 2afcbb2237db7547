// The grid as a person reads it: every row and column that scrolling brings to sight, as text; and the comparison of
// that with an exported workbook.
import assert from 'node:assert/strict';

// One screen after the other, from the top; at each, from the left. What is still on its way is waited for.
const READ = `
  const [expected] = args;
  const scroller = document.querySelector('[data-testid="grid"] [role="grid"]');
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const rows = new Map();
  const headers = new Map();
  const settled = async () => {
    const end = performance.now() + 5_000;
    for (;;) {
      await frame();
      await frame();
      const seen = [...scroller.querySelectorAll('[data-testid="grid-row"]')];
      const { top, bottom } = scroller.getBoundingClientRect();
      const isWaiting = !seen.length || seen.some((row) => row.querySelector('.grid-skeleton'));
      const boxes = seen.map((row) => row.getBoundingClientRect());
      const isFilled = boxes.some((box) => box.top <= top + 60) &&
        (boxes.some((box) => box.bottom >= bottom - 20) || seen.some((row) => Number(row.dataset.row) === expected - 1));
      if (!isWaiting && isFilled) return seen;
      if (performance.now() > end) throw new Error('rows do not come at ' + scroller.scrollTop);
    }
  };
  const widest = scroller.scrollWidth - scroller.clientWidth;
  scroller.scrollTop = 0;
  while (rows.size < expected || [...rows.values()].some((row) => row.size < headers.size)) {
    const before = rows.size;
    for (let left = 0; ; left = Math.min(widest, left + scroller.clientWidth / 2)) {
      scroller.scrollLeft = left;
      const seen = await settled();
      for (const head of scroller.querySelectorAll('[role="columnheader"][data-testid]')) {
        headers.set(head.dataset.testid.replace('grid-header-', ''), head.innerText.trim());
      }
      for (const row of seen) {
        const index = Number(row.dataset.row);
        if (!rows.has(index)) rows.set(index, new Map());
        for (const cell of row.querySelectorAll('[data-column]')) {
          rows.get(index).set(cell.dataset.column, cell.textContent.trim());
        }
      }
      if (left >= widest) break;
    }
    if (rows.size === before) throw new Error(before + ' rows read, ' + expected + ' expected');
    const last = Math.max(...rows.keys());
    const height = scroller.querySelector('[data-testid="grid-row"]').getBoundingClientRect().height;
    scroller.scrollTop = last * height;
  }
  return {
    headers: [...headers],
    rows: [...rows].sort((a, b) => a[0] - b[0]).map(([, cells]) => Object.fromEntries(cells)),
  };`;

/** Reads the open list to its end: `{headers: [[key, label]], rows: [{key: text}]}`. */
export async function readGrid(page, expected) {
  await page.allowScripts(120_000);
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
      assert.ok(same(key, row[key], written), `row ${index + 1}, ${label}: ${row[key]} on screen, ${written} in the file`);
    }
  }
}

function same(key, shown, written) {
  if (written === null || shown === '') return written === null && shown === '';
  if (typeof written === 'number') return Number(shown.replace(/[^\d.-]/g, '')) === written;
  // Lists show the end of a region's path, the file all of it.
  if (key === 'region') return shown.split(' ').every((part) => written.includes(part));
  if (key === 'tags') return shown === written.replaceAll('、', '');
  return shown === written.replaceAll('T', ' ').slice(0, Math.max(shown.length, written.length));
}
