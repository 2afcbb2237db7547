// What a person does on several tests' way.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { eventually } from './driver.mjs';

/**
 * The first run up to the question what to begin with: name, recovery key, ticked as kept. Answers the key;
 * `onKey` may do something with it while it is shown.
 */
export async function setUp(page, { name = '林晓', language = '简体中文', onKey } = {}) {
  await page.byId('first-run');
  await (await page.byText(language, { css: '[data-testid="start-language"] *' })).click();
  await (await page.byId('start-name')).type(name);
  await (await page.byId('start-begin')).click();
  const key = await (await page.byId('recovery-key')).text();
  if (onKey) await onKey(key);
  else await (await page.byId('recovery-kept')).click();
  await (await page.byId('recovery-continue')).click();
  await page.byId('start-sample');
  return key;
}

/** From there on with the sample company, to the list of customers. */
export async function loadSample(page) {
  await (await page.byId('start-sample')).click();
  await goTo(page, 'customers', { within: 30_000 });
  await page.byId('grid-row', { within: 30_000 });
}

/** Saves the recovery key to a file as offered, which counts as kept; the file holds what the screen shows. */
export async function saveRecoveryKey(desktop, key) {
  const file = desktop.file('recovery-key.txt');
  desktop.pick(file);
  await (await desktop.page.byId('recovery-save')).click();
  await eventually('the recovery key in the file', () => readFileSync(file, 'utf8').includes(key));
}

/** To one of the places of the navigation. */
export async function goTo(page, place, options) {
  await (await page.byId(`nav-${place}`, options)).click();
}

/** Reminders come at any hour: a test that runs at night must hear them too. */
export const withoutQuietHours = (desktop) =>
  desktop.call('update_settings', { settings: { quiet_from: '00:00', quiet_to: '00:00' } });

/** The import page with this file open, at its columns. */
export async function openImport(desktop, file) {
  const { page } = desktop;
  desktop.pick(file);
  await (await page.byId('import-drop')).click();
  await page.byId('import-check', { within: 30_000 });
}

const CARDS = ['create', 'update', 'skip', 'fail'];
const COUNTS = ['created', 'updated', 'skipped', 'failed'];

/** Checks every row; answers what the cards say. */
export async function checkRows(page) {
  await (await page.byId('import-check')).click();
  await page.byId('import-nothing-yet', { within: 60_000 });
  const counts = {};
  for (const card of CARDS) counts[card] = await page.number(`import-card-${card}`);
  return counts;
}

/** Writes what was checked; answers the counts of the result. */
export async function applyImport(page) {
  await (await page.byId('import-apply')).click();
  const end = await page.find('[data-testid="import-result"], [data-testid="import-notice"]', {
    within: 60_000,
  });
  assert.equal(await end.attribute('data-testid'), 'import-result', await end.text());
  const counts = {};
  for (const count of COUNTS) counts[count] = await page.number(`import-${count}`);
  return counts;
}

/** How many records a list says that it has. */
export async function countOf(page, place, expected) {
  await goTo(page, place);
  const list = { customers: 'customer', contacts: 'contact', interactions: 'interaction' }[place];
  await page.byId(`list-${list}`);
  await eventually(`${expected} in ${place}`, async () => {
    const count = await page.number('grid-count');
    assert.equal(count, expected);
    return true;
  });
}

/** Opens a record from the palette by what is typed, with the keyboard alone. */
export async function openByPalette(page, typed, name) {
  await page.chord('ctrl', 'k');
  await (await page.byId('palette-input')).type(typed);
  await page.withText('palette-hit', name);
  const chosen = () =>
    page.run(`return document.querySelector('.palette [aria-selected="true"]')?.innerText ?? '';`);
  await eventually(`${name} chosen`, async () => {
    if ((await chosen()).includes(name)) return true;
    await page.chord('down');
    return false;
  });
  await page.chord('enter');
}

/** Waits until nothing moves any more and every letter has its font. */
export async function atRest(page) {
  await page.runAsync(`
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const end = performance.now() + 5_000;
    await document.fonts.ready;
    let still = 0;
    while (still < 4 && performance.now() < end) {
      await frame();
      const moving = document.getAnimations().some(({ playState, effect }) =>
        playState !== 'finished' && effect?.getTiming().iterations !== Infinity);
      still = moving || document.querySelector('.grid-skeleton') ? 0 : still + 1;
    }`);
}
