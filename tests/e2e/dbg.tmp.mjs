import { scene } from './desktop.mjs';
scene('dbg', async (desktop) => {
  await desktop.tool('workbook', [desktop.file('a.xlsx'), '--rows', 2000, '--seed', 7]);
  await desktop.ketu('setup', '--name', 'x');
  await desktop.ketu('import', desktop.file('a.xlsx'));
  const page = await desktop.open();
  await page.byId('grid-row');
  if (process.env.BIG) await page.resize(2600,1500);
  await page.allowScripts(50000);
  const r = await page.runAsync(`
    const scroller = document.querySelector('[data-testid="grid"] [role="grid"]');
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const log = [];
    const t0 = performance.now();
    const state = (w) => { const rows=[...scroller.querySelectorAll('[data-testid="grid-row"]')].map(r=>Number(r.dataset.row)); log.push([w, Math.round(performance.now()-t0), scroller.scrollTop, rows.length, Math.min(...rows), Math.max(...rows), scroller.querySelectorAll('.grid-skeleton').length, scroller.clientHeight]); };
    state('start');
    for (let n=1;n<=6;n++) { scroller.scrollTop = n*38*28; for (let k=0;k<5;k++) { await frame(); state(n); if (performance.now()-t0>40000) return log; } }
    return log;`);
  for (const l of r) console.log(l.join(' '));
}, { size: '2600x1500' });
