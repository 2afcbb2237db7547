// A walk past every screen of the window, in each language and each theme, with the sample company.
import { mkdirSync } from 'node:fs';
import { atRest, goTo, openImport, setUp } from './steps.mjs';

export const LOOKS = ['zh-CN', 'en'].flatMap((language) =>
  ['light', 'dark'].map((theme) => ({ language, theme, name: `${language.slice(0, 2)}-${theme}` })),
);
const OWN_NAMES = { 'zh-CN': '简体中文', en: 'English' };

/**
 * Shows each screen and calls `see(name)` while it stands still. The first run is shown once in each language, the
 * rest in every look.
 */
export async function walk(desktop, see) {
  await firstRun(desktop, see);
  const files = new Map();
  for (const [n, { name }] of LOOKS.entries()) {
    const file = desktop.file(`${name}.xlsx`);
    await desktop.tool('workbook', [file, '--rows', 60, '--seed', 21 + n, '--errors', 6]);
    files.set(name, file);
  }
  for (const { language, theme, name } of LOOKS) {
    await wear(desktop, language, theme);
    const show = async (screen) => {
      await atRest(desktop.page);
      await see(`${screen}.${name}`);
    };
    await lists(desktop, show);
    await records(desktop, show);
    await work(desktop, show);
    await imports(desktop, files.get(name), show);
    await settings(desktop, show);
  }
}

async function firstRun(desktop, see) {
  const page = await desktop.open();
  await page.byId('first-run');
  for (const { language, name } of LOOKS.filter(({ theme }) => theme === 'light')) {
    await (await page.byText(OWN_NAMES[language], { css: '[data-testid="start-language"] *' })).click();
    await atRest(page);
    await see(`first-run-name.${name}`);
  }
  const inEveryLook = async (screen) => {
    for (const { language, theme, name } of LOOKS) {
      await wear(desktop, language, theme);
      await atRest(page);
      await see(`${screen}.${name}`);
    }
  };
  await setUp(page, {
    onKey: async () => {
      await inEveryLook('first-run-key');
      await (await page.byId('recovery-kept')).click();
    },
  });
  await inEveryLook('first-run-begin');
  await (await page.byId('start-sample')).click();
  await page.byId('grid-row', { within: 30_000 });
}

/** Chooses language and theme as the settings do. */
async function wear({ page }, language, theme) {
  await page.runAsync(
    `await window.__TAURI_INTERNALS__.invoke('call', { method: 'update_settings', params: { settings: args[0] } });`,
    { language, theme },
  );
  await page.find(`html[lang="${language}"][data-theme="${theme}"]`);
}

async function close(page, css) {
  await page.chord('escape');
  await page.gone(css);
}

async function lists(desktop, show) {
  const { page } = desktop;
  for (const [place, entity] of [
    ['contacts', 'contact'],
    ['opportunities', 'opportunity'],
    ['interactions', 'interaction'],
    ['customers', 'customer'],
  ]) {
    await goTo(page, place);
    await page.find(`[data-testid="list-${entity}"] [data-testid="grid-row"]`);
    await show(place);
  }
  await (await page.byId('filter-open')).click();
  await page.byId('filter-builder');
  await show('filter');
  await (await page.byId('filter-open')).click();
  await (await page.byId('columns-open')).click();
  await page.byId('column-chooser');
  await show('columns');
  await (await page.byId('columns-open')).click();
  await (await page.byId('grid-row-select')).click();
  await page.byId('bulk-edit');
  await show('selected');
  await (await page.byId('bulk-edit')).click();
  await page.byId('bulk');
  await show('bulk-edit');
  await close(page, '[data-testid="bulk"] .ant-modal-content');
}

async function records(desktop, show) {
  const { page } = desktop;
  await goTo(page, 'customers');
  await (await page.find('[data-testid="grid-row"] [data-open]')).click();
  await page.byId('timeline-interaction');
  await show('customer');
  await (await page.byId('log-open')).click();
  await page.byId('log-summary');
  await show('interaction');
  await close(page, '[data-testid="log-summary"]');
  await (await page.byId('customer-more')).click();
  await (await page.byId('customer-history')).click();
  await page.byId('record-history');
  await show('history');
  await close(page, '[data-testid="record-history"]');
  await (await page.byId('customer-more')).click();
  await (await page.byId('customer-edit')).click();
  await page.byId('record-form');
  await page.byId('field-name');
  await show('form');
  await close(page, '[data-testid="field-name"]');
  await goTo(page, 'opportunities');
  await (await page.find('[data-testid="list-opportunity"] [data-open]')).click();
  await page.byId('stage-steps');
  await show('opportunity');
  await close(page, '[data-testid="stage-steps"]');
}

async function work(desktop, show) {
  const { page } = desktop;
  await goTo(page, 'board');
  await page.byId('board-card');
  // The reminders that were missed have been seen on every page so far.
  for (const button of await page.all('.due-card header button')) await button.click();
  await page.gone('.due-card');
  await show('board');
  await goTo(page, 'reminders');
  for (const tab of ['today', 'overdue', 'future', 'done']) {
    await (await page.byId(`reminders-${tab}`)).click();
    await page.find(`[data-testid="reminders-${tab}"][aria-selected="true"]`);
    await show(`reminders-${tab}`);
  }
  await page.chord('ctrl', 'k');
  await (await page.byId('palette-input')).type('hk');
  await page.byId('palette-hit');
  await show('palette');
  await close(page, '[data-testid="palette-input"]');
  await page.keys('?');
  await page.find('.ant-modal-body');
  await show('shortcuts');
  await close(page, '.ant-modal-body');
}

async function imports(desktop, file, show) {
  const { page } = desktop;
  await goTo(page, 'import');
  await page.byId('import-drop');
  await show('import-file');
  await openImport(desktop, file);
  await show('import-columns');
  await (await page.byId('import-check')).click();
  await page.byId('import-nothing-yet', { within: 30_000 });
  await page.byId('plan-row');
  await show('import-check');
  await (await page.byId('import-card-fail')).click();
  await page.byId('plan-bad-cell');
  await show('import-errors');
  await (await page.byId('import-apply')).click();
  await page.byId('import-result', { within: 60_000 });
  await show('import-result');
  await (await page.byId('import-undo')).click();
  await (await page.byId('import-undo-confirm')).click();
  await page.gone('[data-testid="import-undo"]');
  await (await page.byId('import-anew')).click();
}

async function settings(desktop, show) {
  const { page } = desktop;
  await goTo(page, 'settings');
  for (const section of ['look', 'habits', 'fields', 'options', 'data', 'about']) {
    await (await page.byId(`settings-${section}`)).click();
    await page.find(`[data-testid="settings-${section}"][aria-current="page"]`);
    await show(`settings-${section}`);
  }
  await goTo(page, 'recycle-bin');
  await page.byId('recycle-bin');
  await show('recycle-bin');
}

/** A folder that is there. */
export function folder(path) {
  mkdirSync(path, { recursive: true });
  return path;
}
