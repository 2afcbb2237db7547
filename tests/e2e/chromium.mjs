// The same page in Chromium over the real core: `ketu serve`, the bridge of debug builds. Chromium is what the web
// view is on Windows.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';
import { ended, ROOT } from './desktop.mjs';

const KETU = process.env.KETU ?? join(process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target'), 'debug', 'ketu');
const FLAGS = ['--no-sandbox', '--disable-background-networking', '--disable-component-update'];

/** Plays with the page of a fresh data folder, or of `dataDir`, and ends everything afterwards. */
export async function inChromium(play, { dataDir, viewport = { width: 1366, height: 768 } } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'ketu-bridge-'));
  const bridge = spawn(KETU, ['serve', '--data', dataDir ?? join(folder, 'data')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let browser;
  try {
    const address = await addressOf(bridge);
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
    const page = await browser.newPage({ viewport });
    await page.goto(address);
    await page.getByTestId('app').waitFor();
    await play(page, { folder });
  } finally {
    await browser?.close();
    await ended(bridge);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The bridge's first line names its address, token included. */
function addressOf(bridge) {
  return new Promise((done, fail) => {
    bridge.on('error', fail);
    bridge.on('exit', (code) => fail(new Error(`ketu serve ended with ${code}`)));
    createInterface({ input: bridge.stdout }).on('line', (line) => {
      const address = line.match(/http:\/\/127\.0\.0\.1:\d+\/\S*/);
      if (address) done(address[0]);
    });
  });
}
