// The empty window: it opens, its page is shut in, and it can be hidden and found again.
import assert from 'node:assert/strict';
import { scene } from './desktop.mjs';
import { eventually } from './driver.mjs';

scene('the window opens on a new laptop and begins with the first run', async (desktop) => {
  const page = await desktop.open();
  await page.byId('first-run');
  const status = await desktop.call('status');
  assert.equal(status.state.name, 'first_run');
  const { width, height } = await page.run('return { width: innerWidth, height: innerHeight };');
  assert.deepEqual({ width, height }, { width: 1366, height: 768 });
});

scene('a fault in one call is an error and not the end of the program', async (desktop) => {
  await desktop.open();
  await assert.rejects(desktop.call('there_is_no_such_method'), /unknown_method/);
  assert.equal((await desktop.call('status')).state.name, 'first_run');
});

scene('the page cannot leave, load from elsewhere, or run what it was not shipped with', async (desktop) => {
  const page = await desktop.open();
  const home = await page.run('return location.href;');
  const heard = await page.runAsync(`
    const refused = [];
    document.addEventListener('securitypolicyviolation', (event) => refused.push(event.effectiveDirective));
    const fetched = await fetch('https://example.com/').then(() => 'loaded', () => 'refused');
    const inline = document.createElement('script');
    inline.textContent = 'window.ranInline = true';
    document.head.append(inline);
    const opened = window.open('https://example.com/');
    location.href = 'https://example.com/';
    await new Promise((done) => setTimeout(done, 500));
    return { fetched, refused, opened: opened !== null, ranInline: window.ranInline ?? false };`);
  assert.equal(heard.fetched, 'refused');
  assert.ok(heard.refused.includes('connect-src'), heard.refused.join());
  assert.equal(heard.ranInline, false);
  assert.equal(heard.opened, false);
  assert.equal(await page.run('return location.href;'), home);
});

scene('no data can plant a property on every object of the page', async (desktop) => {
  const page = await desktop.open();
  const planted = await page.run(`
    const tried = [];
    const attempt = (act) => { try { act(); } catch { tried.push('refused'); } };
    attempt(() => { 'use strict'; Object.prototype.isAdmin = true; });
    attempt(() => { 'use strict'; JSON.parse('{"x":{}}').x.__proto__.isAdmin = true; });
    attempt(() => { 'use strict'; Object.prototype.toString = () => 'changed'; });
    const own = Object.create({});
    own.toString = () => 'its own';
    return { tried, isAdmin: {}.isAdmin ?? null, text: String({}), own: String(own), keys: Object.keys(own) };`);
  assert.deepEqual(planted, {
    tried: ['refused', 'refused', 'refused'],
    isAdmin: null,
    text: '[object Object]',
    own: 'its own',
    keys: ['toString'],
  });
});

scene('links and files go only where they may', async (desktop) => {
  await desktop.open();
  await assert.rejects(desktop.invoke('open_link', { link: 'file:///etc/passwd' }), /link_refused/);
  await assert.rejects(
    desktop.invoke('plugin:opener|open_url', { url: 'https://example.com' }),
    /not allowed/,
  );
  await assert.rejects(desktop.invoke('plugin:dialog|open', { options: {} }), /not allowed/);
});

scene('a hidden window comes back when the program is started again', async (desktop) => {
  const page = await desktop.open();
  const visible = () => page.run('return document.visibilityState;');
  await desktop.invoke('hide_window');
  await eventually('the window is hidden', async () => (await visible()) === 'hidden');
  assert.equal(await desktop.startAgain(), 0);
  await eventually('the window is back', async () => (await visible()) === 'visible');
});

scene(
  'the tray icon appears where the desktop has a place for it',
  async (desktop) => {
    await desktop.open();
    const [icon] = await eventually('a tray icon', () => desktop.trayIcons.length && desktop.trayIcons);
    assert.match(icon, /ketu/);
  },
  { tray: true },
);

scene('quitting ends the program and leaves the folder free for the next start', async (desktop) => {
  await desktop.open();
  await desktop.quit();
  await desktop.open();
  assert.equal((await desktop.call('status')).state.name, 'first_run');
});
