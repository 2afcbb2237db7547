// A company's server for tests: the real program on a folder of its own, on a free port of this machine.
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { freePort, PROGRAM } from './desktop.mjs';

const SERVER = join(dirname(PROGRAM), 'ketu-server');
const execute = promisify(execFile);

export class Center {
  #folder = mkdtempSync(join(tmpdir(), 'ketu-center-'));
  #process;
  #env;
  /** The invitation of its first administrator. */
  admin;

  static async start() {
    const center = new Center();
    const port = await freePort();
    const own = Object.entries(process.env).filter(([name]) => !name.startsWith('KETU_SERVER_'));
    center.#env = {
      ...Object.fromEntries(own),
      KETU_SERVER_DATA: join(center.#folder, 'data'),
      KETU_SERVER_LISTEN: `127.0.0.1:${port}`,
      KETU_SERVER_PASSWORD_MEMORY_KIB: '64',
    };
    center.admin = await center.serve();
    return center;
  }

  /** Starts it, at the address that it had before; answers the invitation that a new one prints. */
  serve() {
    const stdio = ['ignore', 'pipe', 'ignore'];
    const child = spawn(SERVER, ['serve'], { env: this.#env, stdio });
    this.#process = child;
    return new Promise((done, fail) => {
      let invitation;
      child.on('error', fail);
      child.on('exit', (code) => fail(new Error(`the server ended with ${code}`)));
      createInterface({ input: child.stdout }).on('line', (line) => {
        invitation ??= /ketu join (ketu1_\S+)/.exec(line)?.[1];
        if (/^\s*code |^To let somebody in/.test(line)) done(invitation);
      });
    });
  }

  /** Adds a person; answers the invitation. */
  async person(login, name, role) {
    const args = ['user', 'add', login, '--name', name, '--role', role];
    const { stdout } = await execute(SERVER, args, { env: this.#env });
    return /ketu1_\S+/.exec(stdout)[0];
  }

  /** Pulls the plug. */
  kill() {
    const child = this.#process;
    return new Promise((done) => {
      child.on('exit', done);
      child.kill('SIGKILL');
    });
  }

  async end() {
    if (this.#process?.exitCode === null && this.#process.signalCode === null) await this.kill();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
