// A walk past everything that a laptop in a team shows, in each language and theme.
export const LOOKS = ['zh-CN', 'en'].flatMap((lang) =>
  ['light', 'dark'].map((theme) => ({ lang, theme, name: `${lang.slice(0, 2)}-${theme}` })),
);
/** Letters at their largest, where a line that just fits breaks. */
export const LARGE = { lang: 'zh-CN', theme: 'light', name: 'zh-large', font: 150 };

const byId = (page, id) => page.getByTestId(id).first();

async function panel(page) {
  await byId(page, 'sync-badge').click();
  await byId(page, 'sync-panel').waitFor();
}

const tab = (name, ready) => ({
  place: `/sync?tab=${name}`,
  look: { sync: 'waiting' },
  go: (page) => byId(page, ready).waitFor(),
});

const state = (sync) => ({ look: { sync }, go: panel });

async function invitation(page) {
  await byId(page, 'join-invitation').fill(
    'ketu1_eyJ2IjoxLCJzZXJ2ZXJzIjpbImh0dHBzOi8vY3JtLmhlbmd5dWFuLmV4YW1wbGUi',
  );
  await byId(page, 'join-read').click();
  await byId(page, 'join-next').waitFor();
}

async function password(page, second = 'correct horse battery') {
  await invitation(page);
  await byId(page, 'join-next').click();
  await byId(page, 'join-password').fill('correct horse battery');
  await byId(page, 'join-again').fill(second);
}

async function preview(page) {
  await password(page);
  await byId(page, 'join-connect').click();
  await byId(page, 'join-match').waitFor();
}

async function selected(page, count) {
  const boxes = page.getByTestId('grid-row-select');
  await boxes.first().waitFor();
  for (let at = 0; at < count; at += 1) await boxes.nth(at).click();
}

async function choose(page, field, at) {
  await byId(page, field).click();
  await page.locator('.ant-select-item-option').nth(at).click();
}

const settings = (look, go) => ({ place: '/settings?section=sync', look, go });

const closed = (name, sync, ready) => ({
  look: { state: name, sync },
  go: (page) => byId(page, ready).waitFor(),
});

export const SCREENS = {
  'state-out-of-reach': closed('out_of_reach', 'offline', 'reach-trouble'),
  'state-out-of-reach-log-in': closed('out_of_reach', 'login', 'log-in'),
  'state-out-of-reach-test': {
    ...closed('out_of_reach', 'portal', 'reach-test'),
    async go(page) {
      await byId(page, 'reach-test').click();
      await byId(page, 'self-test-findings').waitFor();
    },
  },
  'state-shut-out': closed('shut_out', 'stopped', 'state-shut_out'),
  'sync-up-to-date': state('up_to_date'),
  'sync-waiting': state('waiting'),
  'sync-sending': state('syncing'),
  'sync-offline': state('offline'),
  'sync-portal': state('portal'),
  'sync-paused': state('paused'),
  'sync-stopped': state('stopped'),
  'sync-log-in': state('login'),
  'sync-clock': state('clock'),
  outbox: tab('outbox', 'outbox-line'),
  'outbox-large': { ...tab('outbox', 'outbox-line'), look: { sync: 'syncing', outbox: 100_000 } },
  attention: tab('attention', 'attention-item'),
  conflicts: tab('conflicts', 'conflict'),
  'conflicts-marked': {
    ...tab('conflicts', 'conflict'),
    async go(page) {
      const boxes = page.getByTestId('conflict-mark');
      await boxes.first().waitFor();
      for (const at of [0, 1]) await boxes.nth(at).click();
    },
  },
  ...Object.fromEntries(
    ['deleted', 'revived', 'proposed', 'duplicate'].map((kind) => [
      `conflict-${kind}`,
      {
        ...tab('conflicts', 'conflict'),
        async go(page) {
          await page.locator(`[data-card^="conflict-${kind}"]`).click();
          await page.locator(`[data-testid="conflict"][data-kind="${kind}"]`).waitFor();
        },
      },
    ]),
  ),
  'conflicts-settled': {
    ...tab('conflicts', 'conflict'),
    async go(page) {
      await byId(page, 'conflicts-settled').click();
      await byId(page, 'conflict-undo').waitFor();
    },
  },
  'sync-log': tab('log', 'sync-log'),
  'self-test': { ...tab('check', 'self-test-findings'), look: { sync: 'clock' } },
  'self-test-portal': { ...tab('check', 'self-test-findings'), look: { sync: 'portal' } },
  'self-test-stopped': { ...tab('check', 'self-test-trouble'), look: { sync: 'stopped' } },
  'list-unsynced': { look: { sync: 'offline' }, go: (page) => byId(page, 'unsynced').waitFor() },
  'board-as-of': { place: '/board', look: { sync: 'offline' }, go: (page) => byId(page, 'as-of').waitFor() },
  'customer-unsynced': {
    place: '/customers/customer-3',
    look: { sync: 'offline' },
    go: (page) => byId(page, 'unsynced').waitFor(),
  },
  'join-invitation': settings({}, (page) => byId(page, 'join-invitation').waitFor()),
  'join-read': settings({}, invitation),
  'join-password': settings({}, (page) => password(page, 'correct horse')),
  'join-preview': settings({}, preview),
  'settings-sync': settings({ sync: 'waiting' }, (page) => byId(page, 'sync-joined').waitFor()),
  'settings-log-in': settings({ sync: 'login' }, (page) => byId(page, 'log-in').waitFor()),
  'selected-two': { look: { sync: 'up_to_date' }, go: (page) => selected(page, 2) },
  transfer: {
    look: { sync: 'up_to_date' },
    async go(page) {
      await selected(page, 3);
      await byId(page, 'bulk-transfer').click();
      await choose(page, 'transfer-to', 1);
      await byId(page, 'transfer-preview').waitFor();
    },
  },
  merge: {
    look: { sync: 'up_to_date' },
    async go(page) {
      await selected(page, 2);
      await byId(page, 'bulk-merge').click();
      await byId(page, 'merge-sides').waitFor();
    },
  },
  share: {
    place: '/customers/customer-3',
    look: { sync: 'offline' },
    async go(page) {
      await byId(page, 'customer-more').click();
      await byId(page, 'customer-share').click();
      await byId(page, 'share-problem').waitFor();
    },
  },
};

/** Shows each screen and calls `see(name, page)` while it stands still. */
export async function walkSync(open, see, { looks = [...LOOKS, LARGE], only = null } = {}) {
  for (const { name, ...look } of looks) {
    for (const [screen, { place, look: with_, go }] of Object.entries(SCREENS)) {
      if (only && !only.test(screen)) continue;
      const page = await open({ place, look: { ...look, ...with_ } });
      try {
        await go(page);
        await atRest(page);
        await see(`${screen}.${name}`, page);
      } catch (error) {
        throw new Error(`${screen}.${name}: ${error.message}`, { cause: error });
      } finally {
        await page.close();
      }
    }
  }
}

/** Waits until every letter has its font and nothing moves but what moves for ever. */
async function atRest(page) {
  await page.evaluate(async () => {
    await document.fonts.ready;
    const moving = () =>
      document
        .getAnimations()
        .some(
          ({ playState, effect }) => playState === 'running' && effect?.getTiming().iterations !== Infinity,
        );
    const end = performance.now() + 3_000;
    let still = 0;
    while (still < 4 && performance.now() < end) {
      await new Promise((done) => requestAnimationFrame(done));
      still = moving() ? 0 : still + 1;
    }
  });
}
