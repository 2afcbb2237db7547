// Two people of one company, each in a window of their own, and their server: what one writes the other sees, one field
// that both changed on the road is asked about once, and a customer that is given away goes (R37, R38, R45, B6, B21).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Center } from './center.mjs';
import { Desktop } from './desktop.mjs';
import { eventually } from './driver.mjs';
import { goTo, openByPalette, setUp } from './steps.mjs';

const PASSWORD = 'correct horse battery';
/** A colleague sees an edit within seconds; a busy machine takes longer. */
const SOON = { within: 30_000 };

test('two windows and a server: seen, decided and given away', { timeout: 300_000 }, async () => {
  const center = await Center.start();
  const desktops = [];
  try {
    const [zhang, wang] = [await Desktop.start(), await Desktop.start()];
    desktops.push(zhang, wang);
    await setUpAlone(zhang, '张伟');
    await setUpAlone(wang, '王经理');
    // Zhang has been working alone: what he has comes along.
    const customer = await zhang.call('add', { entity: 'customer', fields: { name: '华科电力' } });
    await join(zhang, await center.person('zhang', '张伟', 'salesperson'));
    await join(wang, center.admin);
    await seen(wang, '华科电力');
    const deal = await addDeal(zhang, customer.id);
    await edited(zhang, wang, customer.id);
    await decided(center, zhang, wang, deal);
    await givenAway(zhang, wang);
  } catch (error) {
    const kept = desktops.map((desktop, at) => desktop.keep(`two windows ${at + 1}`));
    throw new Error(`${error.message} (pictures and logs: ${kept.join(', ')})`, { cause: error });
  } finally {
    for (const desktop of desktops) await desktop.end();
    await center.end();
  }
});

async function setUpAlone(desktop, name) {
  const page = await desktop.open();
  await setUp(page, { name });
  await (await page.byId('start-import')).click();
}

/** From the line of the administrator to a laptop of the team. */
async function join(desktop, invitation) {
  const { page } = desktop;
  await goTo(page, 'settings');
  await (await page.byId('settings-sync')).click();
  await (await page.byId('join-invitation')).type(invitation);
  await (await page.byId('join-read')).click();
  await page.byId('join-fingerprint');
  await (await page.byId('join-next')).click();
  await (await page.byId('join-password')).type(PASSWORD);
  await (await page.byId('join-again')).type(PASSWORD);
  await (await page.byId('join-connect')).click();
  await (await page.byId('join-join', SOON)).click();
  await upToDate(desktop);
}

const upToDate = ({ page }) => page.find('[data-testid="sync-badge"][data-phase="up_to_date"]', SOON);

/** The customers' list shows it without anybody's doing. */
async function seen({ page }, name) {
  await goTo(page, 'customers');
  await page.withText('grid-row', name, SOON);
}

async function addDeal(desktop, customer) {
  const { pipelines } = await desktop.call('catalog');
  const [pipeline] = pipelines;
  const fields = {
    name: '二期扩容',
    customer,
    pipeline: pipeline.id,
    stage: pipeline.stages[0].id,
    amount: [100_000_00, 'CNY'],
  };
  return (await desktop.call('add', { entity: 'opportunity', fields })).id;
}

/** An edit on one laptop stands on the other, which names who made it. */
async function edited(zhang, wang, id) {
  await zhang.call('update', { entity: 'customer', id, fields: { name: '华科电力集团' } });
  await seen(wang, '华科电力集团');
  const history = await wang.call('history', { entity: 'customer', id });
  assert.equal(history.entries[0].author_name, '张伟');
}

/** Both change the amount while there is no server: the owner is asked, and one click decides for both. */
async function decided(center, zhang, wang, deal) {
  await eventually('the deal on both', () => amountOf(wang, deal), SOON);
  await center.kill();
  const change = (desktop, yuan) =>
    desktop.call('update', { entity: 'opportunity', id: deal, fields: { amount: [yuan * 100, 'CNY'] } });
  await change(zhang, 200_000);
  await change(wang, 300_000);
  await eventually(
    'both say that work waits',
    async () => {
      const of = async (desktop) => (await desktop.call('sync_status')).pending;
      return (await of(zhang)) === 1 && (await of(wang)) === 1;
    },
    SOON,
  );
  await zhang.page.find('[data-testid="sync-badge"][data-phase="offline"]', SOON);
  await center.serve();
  for (const desktop of [zhang, wang]) {
    await desktop.call('sync_now');
    await upToDate(desktop);
  }
  await eventually('the card', async () => (await zhang.call('sync_status')).conflicts === 1, SOON);
  await openConflicts(zhang.page);
  const theirs = await (await zhang.page.byId('conflict-value-theirs')).text();
  await (await zhang.page.byId('conflict-theirs')).click();
  await eventually('nothing is open', async () => (await zhang.call('sync_status')).conflicts === 0, SOON);
  const decision = await amountOf(zhang, deal);
  assert.ok(theirs.replace(/\D/g, '').startsWith(String(decision / 100)), `${theirs}: ${decision}`);
  await eventually('both have it', async () => (await amountOf(wang, deal)) === decision, SOON);
}

const amountOf = async (desktop, id) => {
  const deal = await desktop.call('get', { entity: 'opportunity', id }).catch(() => undefined);
  return deal?.fields.amount?.[0];
};

async function openConflicts(page) {
  await (await page.byId('sync-badge')).click();
  await (await page.byId('sync-to-conflicts')).click();
  await page.byId('conflict');
}

/** Zhang gives the customer to Wang: it leaves his laptop, with everything below it. */
async function givenAway(zhang, wang) {
  const { page } = zhang;
  await openByPalette(page, '华科', '华科电力集团');
  await page.withText('customer-name', '华科电力集团');
  await (await page.byId('customer-more')).click();
  await (await page.byId('customer-transfer')).click();
  await (await page.byId('transfer-to')).click();
  await page.keys('admin');
  await page.chord('enter');
  await page.byId('transfer-preview');
  await (await page.byId('transfer-ok')).click();
  await eventually(
    'nothing of it is left',
    async () => {
      const found = await zhang.call('search', { text: '华科', limit: 10 });
      return found.hits.length === 0;
    },
    SOON,
  );
  const owner = async () => {
    const { hits } = await wang.call('search', { text: '华科', limit: 10 });
    const { fields } = await wang.call('get', { entity: 'customer', id: hits[0].id });
    return fields.owner === (await wang.call('sync_status')).account.user;
  };
  await eventually('it is hers', owner, SOON);
}
