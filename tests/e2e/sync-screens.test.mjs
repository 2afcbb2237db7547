// Everything that a laptop in a team shows, in each language, each theme and large letters: all words translated,
// nothing beyond the edge, and no serious barrier for people who use the keyboard or a screen reader.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { withMockPage } from './mock-page.mjs';
import { LARGE, LOOKS, walkSync } from './sync-walk.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What is wrong with the page as it stands. Runs in the page. */
async function faultsOfPage() {
  const faults = [];
  const words = [document.body.innerText];
  for (const element of document.querySelectorAll('[aria-label], [title], [placeholder]')) {
    for (const name of ['aria-label', 'title', 'placeholder']) words.push(element.getAttribute(name) ?? '');
  }
  // A key that has no text is shown as it is: sync.tabs.outbox.
  const key =
    /\b(?:common|conflicts|customerPage|errors|grid|join|lists|places|settings|start|sync|transfer)(?:\.[a-zA-Z_]+)+\b/g;
  for (const found of words.join('\n').match(key) ?? []) faults.push(`untranslated: ${found}`);
  for (const hole of words.join('\n').match(/{{.*?}}/g) ?? []) faults.push(`not filled: ${hole}`);
  for (const element of [document.documentElement, document.body, document.querySelector('.page')]) {
    if (element && element.scrollWidth > element.clientWidth) {
      faults.push(`wider than the window: ${element.tagName} ${element.scrollWidth}`);
    }
  }
  const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
  for (const { id, impact, nodes } of violations) {
    if (impact !== 'serious' && impact !== 'critical') continue;
    for (const { target, failureSummary } of nodes.slice(0, 3)) {
      faults.push([impact, id, target.join(' '), failureSummary.replace(/\s+/g, ' ')].join(': '));
    }
  }
  return faults;
}

// Each language and each theme once; pictures are taken of all four.
const SEEN = [...LOOKS.filter(({ name }) => name === 'zh-light' || name === 'en-dark'), LARGE];

test('every screen of a team is translated, within the window and open to everyone', {
  timeout: 900_000,
}, async () => {
  const faults = [];
  await withMockPage((open) =>
    walkSync(
      open,
      async (screen, page) => {
        await page.evaluate(AXE);
        const found = await page.evaluate(faultsOfPage);
        faults.push(...found.map((fault) => `${screen}: ${fault}`));
      },
      { looks: SEEN },
    ),
  );
  assert.equal(faults.join('\n'), '');
});
