// Every screen in both languages and both themes: all words translated, nothing beyond the edge, and no serious
// barrier for people who use the keyboard or a screen reader.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { scene } from './desktop.mjs';
import { walk } from './walk.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// A key that has no text is shown as it is: places.customers.
const KEY = String.raw`\b(?:common|errors|start|places|grid|lists|filter|fields|settings|imports|board|reminders|interactions|customerPage)(?:\.[a-zA-Z_]+)+\b`;

const FAULTS = `
  const [key] = args;
  const faults = [];
  const words = [document.body.innerText];
  for (const element of document.querySelectorAll('[aria-label], [title], [placeholder]')) {
    for (const name of ['aria-label', 'title', 'placeholder']) words.push(element.getAttribute(name) ?? '');
  }
  for (const found of words.join('\\n').match(new RegExp(key, 'g')) ?? []) faults.push('untranslated: ' + found);
  for (const element of [document.documentElement, document.body, document.querySelector('.page')]) {
    if (element && element.scrollWidth > element.clientWidth) {
      faults.push('wider than the window: ' + element.tagName + ' ' + element.scrollWidth);
    }
  }
  const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
  for (const { id, impact, nodes } of violations) {
    if (impact !== 'serious' && impact !== 'critical') continue;
    for (const { target, failureSummary } of nodes.slice(0, 3)) {
      faults.push([impact, id, target.join(' '), failureSummary.replace(/\\s+/g, ' ')].join(': '));
    }
  }
  return faults;`;

scene(
  'every screen is translated, within the window and open to everyone',
  async (desktop) => {
    const faults = [];
    await walk(desktop, async (screen) => {
      const { page } = desktop;
      if (!(await page.run('return Boolean(window.axe);'))) await page.run(`${AXE}; return null;`);
      const found = await page.runAsync(FAULTS, KEY);
      faults.push(...found.map((fault) => `${screen}: ${fault}`));
    });
    assert.equal(faults.join('\n'), '');
  },
  { timeout: 400_000 },
);
