// The page over its mock core in Chromium: states that a real core needs a server, colleagues or bad luck for.
import { execFile } from 'node:child_process';
import { createReadStream, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { ROOT } from './desktop.mjs';

const execute = promisify(execFile);
const FLAGS = ['--no-sandbox', '--disable-background-networking', '--disable-component-update'];
const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** Builds the page with its mock, plays with it, and leaves nothing behind. */
export async function withMockPage(play) {
  const folder = mkdtempSync(join(tmpdir(), 'ketu-mock-'));
  let server;
  let browser;
  try {
    const vite = join(ROOT, 'ui', 'node_modules', 'vite', 'bin', 'vite.js');
    const build = [
      vite,
      'build',
      '--mode',
      'mock',
      '--outDir',
      folder,
      '--emptyOutDir',
      '--logLevel',
      'error',
    ];
    await execute(process.execPath, build, { cwd: join(ROOT, 'ui') });
    server = await serve(folder);
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
    const { port } = server.address();
    // One context: what was loaded for one page is there for the next.
    const context = await browser.newContext({ viewport: { width: 1366, height: 768 } });
    await play((options) => open(context, `http://127.0.0.1:${port}`, options));
  } finally {
    await browser?.close();
    server?.closeAllConnections();
    server?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function serve(folder) {
  const server = createServer(({ url }, answer) => {
    const path = normalize(new URL(url, 'http://page').pathname);
    const file = join(folder, path === '/' ? 'index.html' : path);
    if (!existsSync(file) || !statSync(file).isFile()) {
      answer.writeHead(404).end();
      return;
    }
    const type = TYPES[extname(file)] ?? 'application/octet-stream';
    answer.writeHead(200, { 'content-type': type, 'cache-control': 'max-age=3600' });
    createReadStream(file).pipe(answer);
  });
  return new Promise((done, fail) => {
    server.on('error', fail);
    server.listen(0, '127.0.0.1', () => done(server));
  });
}

/** A window of the usual small laptop at one of the page's addresses; `look` is what the mock begins with. */
async function open(context, origin, { place = '/customers', look = {} } = {}) {
  const page = await context.newPage();
  await page.goto(`${origin}/?${new URLSearchParams(look)}#${place}`);
  await page
    .locator('[data-testid="app"], [data-testid="first-run"], [data-testid^="state-"]')
    .first()
    .waitFor();
  return page;
}
