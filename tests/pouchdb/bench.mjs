// `bench.mjs DOCUMENTS [BATCH]`: what PouchDB takes to bring the documents of a JSON file to express-pouchdb, into an
// empty database, and to exchange 100 changes. Both sides keep them in LevelDB; the server is a process of its own.
// Prints milliseconds as one JSON object.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import PouchDB from 'pouchdb';

const CHANGES = 100;
const documents = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const options = { batch_size: Number(process.argv[3] ?? 100) };

const folder = mkdtempSync(join(tmpdir(), 'ketu-pouchdb-'));
const inside = (name) => {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
};
const script = fileURLToPath(new URL('server.mjs', import.meta.url));
const server = spawn(process.execPath, [script, inside('server')], { stdio: ['pipe', 'pipe', 'inherit'] });
try {
  const address = await new Promise((done, fail) => {
    server.on('error', fail).on('exit', (code) => fail(new Error(`the server ended with ${code}`)));
    createInterface({ input: server.stdout }).once('line', done);
  });
  const remote = `${address}/customers`;
  const first = new PouchDB(join(inside('first'), 'customers'));
  const second = new PouchDB(join(inside('second'), 'customers'));
  await taken(await first.bulkDocs(documents));

  const times = {};
  times.push = await timed(first.replicate.to(remote, options), documents.length);
  times.pull = await timed(second.replicate.from(remote, options), documents.length);
  await change(first, 'phone');
  times.push_changes = await timed(first.replicate.to(remote, options), CHANGES);
  times.pull_changes = await timed(second.replicate.from(remote, options), CHANGES);
  const { total_rows } = await second.allDocs({ limit: 0 });
  if (total_rows !== documents.length) throw new Error(`${total_rows} documents arrived`);
  console.log(JSON.stringify(times));
} finally {
  server.removeAllListeners('exit').kill();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
process.exit();

/** Waits for a replication and says how long it took. */
async function timed(replication, count) {
  const began = performance.now();
  const { ok, docs_written } = await replication;
  const took = performance.now() - began;
  if (!ok || docs_written !== count) throw new Error(`${docs_written} of ${count} documents were written`);
  return took;
}

/** Another value in one field of some documents all over the database. */
async function change(database, field) {
  const step = Math.floor(documents.length / CHANGES);
  const keys = documents.filter((_, n) => n % step === 0).slice(0, CHANGES);
  const { rows } = await database.allDocs({ keys: keys.map((doc) => doc._id), include_docs: true });
  await taken(
    await database.bulkDocs(rows.map(({ doc }, n) => ({ ...doc, [field]: `0755-2600${1000 + n}` }))),
  );
}

function taken(results) {
  const refused = results.find((result) => !result.ok);
  if (refused) throw new Error(JSON.stringify(refused));
}
