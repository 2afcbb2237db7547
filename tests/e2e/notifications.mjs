// The desktop's notification server, played by python3-dbusmock on the test's private bus.
import { execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { eventually } from './driver.mjs';

// Debian's own Python: the one that python3-dbusmock was installed for.
export const PYTHON = '/usr/bin/python3';
const SCRIPT = fileURLToPath(new URL('notifications.py', import.meta.url));
const run = promisify(execFile);

export class Notifications {
  #env;

  /** Starts the server; `started` hears of the process, so that it is ended with the rest. */
  static async start(env, started) {
    const server = spawn(PYTHON, ['-m', 'dbusmock', '--session', '--template', 'notification_daemon'], {
      env,
      stdio: 'ignore',
    });
    started(server);
    const notifications = new Notifications(env);
    await eventually('the notification server', async () => Array.isArray(await notifications.told()));
    return notifications;
  }

  constructor(env) {
    this.#env = env;
  }

  /** Every notification so far: {app, title, body, actions}. */
  async told() {
    const { stdout } = await run(PYTHON, [SCRIPT, 'calls'], { env: this.#env });
    return JSON.parse(stdout);
  }

  /** Waits for a notification whose title or body contains the text, beyond the first `after`. */
  heard(text, { after = 0, ...options } = {}) {
    const says = (notice) => `${notice.title}\n${notice.body}`.includes(text);
    const found = async () => (await this.told()).slice(after).find(says);
    return eventually(`a notification of ${text}`, found, { within: 20_000, every: 250, ...options });
  }

  /** Presses a button of the notification that says this; `default` is the click on the whole. */
  async press(text, action = 'default') {
    const says = ({ title, body }) => `${title}\n${body}`.includes(text);
    // The server numbers them from 1.
    const number = (await this.told()).findLastIndex(says) + 1;
    if (number === 0) throw new Error(`no notification of ${text}`);
    await run(PYTHON, [SCRIPT, 'press', String(number), action], { env: this.#env });
  }
}
