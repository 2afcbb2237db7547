// A desktop of its own for each test: display, session bus, data folder, and the real program in it.
import { execFile, spawn } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { eventually, Session } from './driver.mjs';
import { Notifications, PYTHON } from './notifications.mjs';
import { pngOfScreen } from './picture.mjs';

export const ROOT = resolve(fileURLToPath(new URL('../..', import.meta.url)));
const TRAY = fileURLToPath(new URL('tray.py', import.meta.url));
export const OUT = join(ROOT, 'out');
/** `cargo xtask` names the program; by hand it is looked for where cargo puts it. */
export const PROGRAM =
  process.env.KETU_DESKTOP ??
  join(process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target'), 'debug', 'ketu-desktop');
const execute = promisify(execFile);

// No folder of services: nothing that happens to be installed (a keyring with its questions) is started by a name.
const PRIVATE_BUS = `<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>`;

export class Desktop {
  #folder = mkdtempSync(join(tmpdir(), 'ketu-e2e-'));
  #processes = [];
  #env;
  #logs = 0;
  #running;
  /** The icons that registered with the tray. */
  trayIcons = [];
  /** The page of the running program. */
  page;

  /**
   * @param options.size of the screen
   * @param options.notifications false for a desktop that has none
   * @param options.tray true for a desktop with a place for tray icons
   */
  static async start({ size = '1366x768', notifications = true, tray = false, env = {} } = {}) {
    if (!existsSync(PROGRAM)) throw new Error(`no program at ${PROGRAM}: build it, or set KETU_DESKTOP`);
    const desktop = new Desktop(env);
    try {
      await desktop.#startDisplay(size);
      await desktop.#startBus();
      if (notifications) desktop.notifications = await Notifications.start(desktop.#env, desktop.#started);
      if (tray) await desktop.#startTray();
      return desktop;
    } catch (error) {
      await desktop.end();
      throw error;
    }
  }

  constructor(env) {
    const own = (name) => {
      const path = join(this.#folder, name);
      mkdirSync(path, { mode: 0o700 });
      return path;
    };
    this.dataDir = join(this.#folder, 'data');
    this.#env = {
      ...process.env,
      XDG_RUNTIME_DIR: own('run'),
      XDG_DATA_HOME: own('share'),
      XDG_CONFIG_HOME: own('config'),
      XDG_CACHE_HOME: own('cache'),
      LANG: 'C.UTF-8',
      TZ: 'Asia/Shanghai',
      NO_AT_BRIDGE: '1',
      LIBGL_ALWAYS_SOFTWARE: '1',
      TAURI_WEBVIEW_AUTOMATION: 'true',
      GDK_BACKEND: 'x11',
      // Without a graphics card the web view would draw through an emulated one, some 20 times slower.
      ...(existsSync('/dev/dri') ? {} : { WEBKIT_DISABLE_DMABUF_RENDERER: '1' }),
      KETU_PICK: join(this.#folder, 'picked'),
      ...env,
    };
    delete this.#env.WAYLAND_DISPLAY;
  }

  /**
   * Runs a program that was built beside the window, on this desktop, and answers what it printed, read as JSON
   * where it is JSON.
   */
  async tool(name, args) {
    const limits = { env: this.#env, timeout: 600_000, maxBuffer: 256 * 1_048_576 };
    const { stdout } = await execute(join(dirname(PROGRAM), name), args.map(String), limits);
    try {
      return JSON.parse(stdout);
    } catch {
      return stdout;
    }
  }

  /** The command line over the same data, while the window does not hold it. */
  ketu = (...args) => this.tool('ketu', ['--data', this.dataDir, '--json', ...args]);

  /** Another program that holds the data: the bridge of debug builds. */
  async serve() {
    const args = ['serve', '--data', this.dataDir];
    const program = join(dirname(PROGRAM), 'ketu');
    const bridge = this.#spawn(program, args, (log) => ({ stdio: ['ignore', 'pipe', log] }));
    await firstLine(bridge, bridge.stdout, 'ketu serve');
    return { pid: bridge.pid, end: () => ended(bridge) };
  }

  /** A path for a file of the test, removed with the rest. */
  file = (name) => join(this.#folder, name);

  /** What the next file dialog answers; null when the person cancels. */
  pick = (path) => writeFileSync(this.#env.KETU_PICK, path ?? '');

  #started = (child) => {
    this.#processes.push(child);
    return child;
  };

  #log(name) {
    this.#logs += 1;
    return openSync(join(this.#folder, `${name}-${this.#logs}.log`), 'w');
  }

  #spawn(command, args, options) {
    const log = this.#log(basename(command));
    const child = spawn(command, args, { env: this.#env, ...options(log) });
    child.on('error', () => {}); // told by whoever waits for its first line
    closeSync(log);
    return this.#started(child);
  }

  async #startDisplay(size) {
    const memory = ['-fbdir', this.#folder];
    const args = ['-displayfd', '3', '-screen', '0', `${size}x24`, '-nolisten', 'tcp', ...memory];
    const server = this.#spawn('Xvfb', args, (log) => ({ stdio: ['ignore', log, log, 'pipe'] }));
    this.#env.DISPLAY = `:${await firstLine(server, server.stdio[3], 'Xvfb')}`;
  }

  async #startBus() {
    const config = join(this.#folder, 'bus.conf');
    writeFileSync(config, PRIVATE_BUS);
    const args = [`--config-file=${config}`, '--nofork', '--nopidfile', '--print-address=1'];
    const bus = this.#spawn('dbus-daemon', args, (log) => ({ stdio: ['ignore', 'pipe', log] }));
    this.#env.DBUS_SESSION_BUS_ADDRESS = await firstLine(bus, bus.stdout, 'dbus-daemon');
  }

  async #startTray() {
    const tray = this.#spawn(PYTHON, [TRAY], (log) => ({ stdio: ['ignore', 'pipe', log] }));
    await firstLine(tray, tray.stdout, 'the tray');
    createInterface({ input: tray.stdout }).on('line', (icon) => this.trayIcons.push(icon));
  }

  /** Opens the program and answers its page. Each opening has a driver of its own: one does not outlive a crash. */
  async open({ args = [] } = {}) {
    try {
      return await this.#openOnce(args);
    } catch {
      // The first session after a cold start of the machine may time out; a second failure is a real one.
      await this.#letGo();
      return await this.#openOnce(args);
    }
  }

  async #openOnce(args) {
    const port = await freePort();
    const driver = this.#spawn('WebKitWebDriver', [`--port=${port}`], (log) => ({
      stdio: ['ignore', log, log],
    }));
    this.#running = { driver };
    const base = `http://127.0.0.1:${port}`;
    await eventually('the driver', async () => (await fetch(`${base}/status`)).ok);
    const options = { binary: PROGRAM, args: [`--data-dir=${this.dataDir}`, ...args] };
    this.page = await Session.open(base, { 'webkitgtk:browserOptions': options }, 30_000);
    this.#running.program = childOf(driver.pid, PROGRAM);
    await this.page.find('[data-testid]', { within: 20_000 });
    return this.page;
  }

  /** Calls a command of the shell, or with `call` a method of the core, from the page. */
  invoke = (command, params = {}) =>
    this.page.runAsync('return await window.__TAURI_INTERNALS__.invoke(args[0], args[1]);', command, params);
  call = (method, params = {}) => this.invoke('call', { method, params });

  /** The running program's process. */
  program = () => this.#running.program;

  /** The process that draws the page. */
  webProcess() {
    return descendants(this.program()).find((pid) => /WebKitWebProcess/.test(commandOf(pid)));
  }

  /** Starts the program once more beside the running one, as a person would, and waits until that start has ended. */
  startAgain = (args = []) =>
    new Promise((done, fail) => {
      const again = this.#spawn(PROGRAM, [`--data-dir=${this.dataDir}`, ...args], (log) => ({
        stdio: ['ignore', log, log],
      }));
      again.on('exit', done);
      again.on('error', fail);
    });

  /** Quits as a person would and waits until the program is gone. */
  async quit() {
    const { program } = this.#running;
    await this.page.run('window.__TAURI_INTERNALS__.invoke("quit"); return null;').catch(() => {});
    await eventually('the program has ended', () => !isAlive(program), { within: 15_000 });
    await this.#letGo();
  }

  /** Ends the program without a word, as a power cut would. */
  async kill() {
    process.kill(this.#running.program, 'SIGKILL');
    await this.#letGo();
  }

  async #letGo() {
    const { driver, program } = this.#running ?? {};
    this.#running = undefined;
    await this.page?.end().catch(() => {}); // the program may be gone already
    this.page = undefined;
    if (program && isAlive(program)) process.kill(program, 'SIGKILL');
    if (driver) await ended(driver);
  }

  /**
   * A picture of the screen as it is, read from the display itself: the driver's own pictures wait for the next
   * change of a page that stands still.
   */
  picture(file) {
    writeFileSync(file, pngOfScreen(readFileSync(join(this.#folder, 'Xvfb_screen0'))));
    return file;
  }

  /** Keeps a picture and the logs where a person finds them. */
  keep(name) {
    const folder = join(OUT, 'e2e', name.replace(/[^\p{L}\p{N}]+/gu, '-'));
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    this.picture(join(folder, 'window.png'));
    const logs = [this.#folder, join(this.dataDir, 'logs')].filter((dir) => existsSync(dir));
    for (const dir of logs) {
      for (const log of readdirSync(dir).filter((file) => /\.log/.test(file))) {
        copyFileSync(join(dir, log), join(folder, log));
      }
    }
    return folder;
  }

  /** Ends everything this desktop started, the last first, and removes its folder. */
  async end() {
    await this.#letGo();
    for (const child of this.#processes.reverse()) await ended(child);
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A test on a desktop of its own; when it fails, a picture and the logs stay under out/e2e. */
export function scene(name, play, { timeout = 180_000, ...options } = {}) {
  test(name, { timeout }, async () => {
    const desktop = await Desktop.start(options);
    try {
      await play(desktop);
    } catch (error) {
      const folder = desktop.keep(name);
      throw new Error(`${error.message} (picture and logs: ${folder})`, { cause: error });
    } finally {
      await desktop.end();
    }
  });
}

function firstLine(child, stream, name) {
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('exit', (code) => fail(new Error(`${name} ended with ${code}`)));
    createInterface({ input: stream }).once('line', done);
  });
}

/** A port of this machine that nobody listens on. */
export function freePort() {
  return new Promise((done, fail) => {
    const server = createServer().on('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

/** The process id of the program that the driver started. */
const childOf = (parent, program) =>
  childrenOf(parent).find((pid) => readlinkSync(`/proc/${pid}/exe`) === program);

function childrenOf(parent) {
  const threads = readdirSync(`/proc/${parent}/task`);
  const lists = threads.map((thread) => readFileSync(`/proc/${parent}/task/${thread}/children`, 'utf8'));
  return lists.join(' ').split(/\s+/).filter(Boolean).map(Number);
}

const descendants = (parent) => childrenOf(parent).flatMap((pid) => [pid, ...descendants(pid)]);
const commandOf = (pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8');

function isAlive(pid) {
  try {
    // A program that has ended but was not waited for yet is gone for us.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

export function ended(child) {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return undefined;
  return new Promise((done) => {
    child.once('exit', done);
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), 2_000).unref();
  });
}
