import { scene } from './desktop.mjs';
scene('dbg', async (desktop) => {
  await desktop.tool('workbook', [desktop.file('a.xlsx'), '--rows', 2000, '--seed', 7]);
  await desktop.ketu('setup', '--name', 'x');
  await desktop.ketu('import', desktop.file('a.xlsx'));
  const page = await desktop.open();
  await page.byId('grid-row');
  await page.allowScripts(50000);
  const r = await page.runAsync(`
    const out = {};
    const fib = (n) => n < 2 ? n : fib(n-1) + fib(n-2);
    let t = performance.now(); fib(30); out.fib30 = performance.now() - t;
    t = performance.now(); fib(30); out.fib30b = performance.now() - t;
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const scroller = document.querySelector('[data-testid="grid"] [role="grid"]');
    // paint only: toggle a colour
    await frame(); 
    out.paint = [];
    for (let n=0;n<5;n++) { t=performance.now(); scroller.style.background = n%2?'#fefefe':'#fff'; await frame(); await frame(); out.paint.push(Math.round(performance.now()-t)); }
    t = performance.now(); for (let n=0;n<20;n++){ scroller.style.width = (1000+n)+'px'; scroller.getBoundingClientRect(); scroller.scrollWidth; } out.layout20 = performance.now()-t; scroller.style.width='';
    await frame(); await frame();
    out.scroll = [];
    for (let n=1;n<=6;n++) { scroller.scrollTop = n*38*3; t=performance.now(); await frame(); const a=performance.now()-t; t=performance.now(); await new Promise(d=>setTimeout(d)); const b=performance.now()-t; out.scroll.push([Math.round(a), Math.round(b)]); }
    out.els = document.querySelectorAll('*').length;
    const mo = []; const obs = new MutationObserver((l)=>mo.push([Math.round(performance.now()), l.length])); obs.observe(document.body,{subtree:true,childList:true,attributes:true});
    scroller.scrollTop = 38*200; const s=performance.now(); for (let k=0;k<6;k++) await frame(); out.mo = mo.map(([a,b])=>[Math.round(a-s),b]);
    return out;`);
  console.log(JSON.stringify(r));
  const web = desktop.webProcess();
  console.log(web, (await import('node:fs')).readFileSync('/proc/'+web+'/environ','utf8').split('\0').filter(x=>/JSC|WEBKIT|GL|GDK/.test(x)).join(' '));
}, { env: JSON.parse(process.env.XENV ?? '{}') });
