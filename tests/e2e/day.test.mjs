// A salesperson's first day with Ketu, in the real window and without a network: from last year's workbook to a
// visit, its reminder, a deal that moves on, and the list as a workbook again.
import assert from 'node:assert/strict';
import { scene } from './desktop.mjs';
import { eventually } from './driver.mjs';
import { LARGE, readGrid, sameAsOnScreen } from './grid.mjs';
import {
  applyImport,
  checkRows,
  countOf,
  goTo,
  openByPalette,
  openImport,
  saveRecoveryKey,
  setUp,
  withoutQuietHours,
} from './steps.mjs';

const VISIT = '上门拜访，客户要求两周内给出报价';
const DEAL = '二期产线改造';
/** Time enough to save and to hide the window before it is over. */
const SOON = 8_000;

scene(
  'a day offline: import, find, visit, be reminded, move a deal, export, and find it all again',
  async (desktop) => {
    const truth = await desktop.tool('workbook', [
      desktop.file('去年客户.xlsx'),
      '--rows',
      2000,
      '--seed',
      7,
    ]);
    const known = truth.customers.find(({ initials }) => initials.length >= 4);
    await firstRun(desktop);
    await importWorkbook(desktop, truth);
    await openCustomer(desktop, known);
    await logVisit(desktop, '发报价单');
    await hearHidden(desktop, '发报价单', known);
    await hearAfterRestart(desktop, known);
    await moveDeal(desktop, known);
    await exportList(desktop, truth);
    await findAllAgain(desktop, truth, known);
  },
  { size: LARGE.join('x') },
);

/** Name, language and recovery key; the key is saved where the person says. */
async function firstRun(desktop) {
  const page = await desktop.open();
  await setUp(page, { onKey: (key) => saveRecoveryKey(desktop, key) });
  await withoutQuietHours(desktop);
  await (await page.byId('start-import')).click();
}

/** R31: what the window counts before and after is what the generator knows. */
async function importWorkbook(desktop, truth) {
  const { page } = desktop;
  await openImport(desktop, desktop.file('去年客户.xlsx'));
  const planned = await checkRows(page);
  const { created, skipped, failed, records } = truth;
  assert.deepEqual(planned, { create: created, update: 0, skip: skipped, fail: failed });
  assert.deepEqual(await applyImport(page), { created, updated: 0, skipped, failed });
  await (await page.byId('import-show')).click();
  await countOf(page, 'contacts', records.contact);
  await countOf(page, 'interactions', records.interaction);
  await countOf(page, 'customers', records.customer);
}

async function openCustomer({ page }, known) {
  await openByPalette(page, known.initials, known.name);
  await page.withText('customer-name', known.name);
}

/** R26: a visit with a next follow-up, typed and saved from the keyboard. Answers when the follow-up is due. */
async function logVisit({ page }, followUp, in_ = SOON) {
  await page.byId('timeline');
  await page.keys('l');
  await (await page.byId('log-summary')).type(`${VISIT}（${followUp}）`);
  const { text, at } = await page.run(
    `const at = new Date(Math.ceil((Date.now() + arguments[0]) / 1000) * 1000);
     const two = (part) => String(part).padStart(2, '0');
     const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-');
     const time = [two(at.getHours()), two(at.getMinutes()), two(at.getSeconds())].join(':');
     return { text: day + ' ' + time, at: at.getTime() };`,
    in_,
  );
  await (await page.byId('follow-up-at')).type(text);
  await (await page.byId('follow-up-title')).type(followUp);
  await page.chord('ctrl', 'enter');
  await page.withText('timeline-interaction', followUp);
  return at;
}

/** R27: the desktop tells a due reminder while the window is hidden; its card waits in the window. */
async function hearHidden(desktop, followUp, known) {
  const { page, notifications } = desktop;
  const visible = () => page.run('return document.visibilityState;');
  await desktop.invoke('hide_window');
  await eventually('the window is hidden', async () => (await visible()) === 'hidden');
  assert.equal(await spoken(notifications, followUp), undefined, 'nothing is told before it is due');
  const notice = await notifications.heard(followUp);
  assert.equal(notice.body, known.name);
  assert.equal(await visible(), 'hidden');
  assert.equal(await desktop.startAgain(), 0);
  await eventually('the window is back', async () => (await visible()) === 'visible');
  await page.withText('reminder-card', followUp);
  await (await page.byId('reminder-card-done')).click();
  await page.gone('[data-testid="reminder-card"]');
}

const spoken = async (notifications, text) =>
  (await notifications.told()).find(({ title, body }) => `${title}\n${body}`.includes(text));

/** B7: what came due while Ketu was closed is told at the next start, what is long past as one group. */
async function hearAfterRestart(desktop, known) {
  const { notifications } = desktop;
  const due = await logVisit(desktop, '电话确认合同', 3_000);
  await desktop.quit();
  await eventually('the follow-up is due', () => Date.now() > due);
  const past = Date.now() - 3_600_000;
  for (const [n, title] of ['寄样品', '确认交期'].entries()) {
    await desktop.ketu('add', 'reminder', JSON.stringify({ title, due_at: past + n }));
  }
  assert.equal(
    await spoken(notifications, '电话确认合同'),
    undefined,
    'nothing was told while Ketu was closed',
  );
  const page = await desktop.open();
  const fresh = await notifications.heard('电话确认合同');
  assert.equal(fresh.body, known.name);
  const missed = await notifications.heard('寄样品');
  assert.match(missed.title, /2/);
  assert.match(missed.body, /确认交期/);
  await page.withText('reminder-missed', '寄样品');
  await page.withText('reminder-card', '电话确认合同');
  // It is done from where it was told, without the window.
  assert.deepEqual(
    fresh.actions.filter((_, n) => n % 2 === 0),
    ['default', 'done', 'later'],
  );
  await notifications.press('电话确认合同', 'done');
  await page.gone('[data-testid="reminder-card"]');
  await goTo(page, 'reminders');
  await (await page.byId('reminders-done')).click();
  await page.withText('reminder-row', '电话确认合同');
}

/** R18, R19: a new deal goes to the next stage and back by undo, all from the keyboard; then for good. */
async function moveDeal(desktop, known) {
  const { page } = desktop;
  await openCustomer(desktop, known);
  await (await page.byId('opportunities-add')).click();
  await (await page.byId('field-name')).type(DEAL);
  await (await page.byId('field-amount')).type('12.5万');
  await page.chord('ctrl', 'enter');
  await page.withText('deal-row', DEAL);
  await goTo(page, 'board');
  await inColumn(page, 0, DEAL);
  await lift(page, DEAL);
  await inColumn(page, 1, DEAL);
  await page.chord('ctrl', 'z');
  await inColumn(page, 0, DEAL);
  await lift(page, DEAL);
  await inColumn(page, 1, DEAL);
}

const inColumn = (page, column, text) => page.withText(`board-column-${column}`, text);

/** Space lifts the card, an arrow carries it to the next stage, Space puts it down. */
async function lift(page, text) {
  const card = await page.withText('board-card', text);
  await page.run('arguments[0].focus();', card);
  await page.chord('space');
  await page.find('.board-card.lifted');
  await page.chord('right');
  await page.find('.board-column.over');
  await page.chord('space');
  await page.gone('.board-card.lifted');
}

/** The whole list with every column it has: each row of the file is the row on screen. */
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

async function findAllAgain(desktop, truth, known) {
  const told = (await desktop.notifications.told()).length;
  await desktop.quit();
  const page = await desktop.open();
  await countOf(page, 'customers', truth.records.customer);
  await countOf(page, 'contacts', truth.records.contact);
  await countOf(page, 'interactions', truth.records.interaction + 2);
  await openCustomer(desktop, known);
  await page.withText('timeline-interaction', '发报价单');
  await page.withText('deal-row', DEAL);
  await goTo(page, 'board');
  await inColumn(page, 1, DEAL);
  assert.equal((await desktop.notifications.told()).length, told, 'no reminder is told twice');
  const { findings } = await desktop.call('doctor');
  assert.deepEqual(
    findings.filter(({ level }) => level === 'problem'),
    [],
  );
}
