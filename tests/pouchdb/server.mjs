// `server.mjs FOLDER`: express-pouchdb on a free port of this machine, with LevelDB in that folder. Prints its address,
// and ends when its standard input does.
import { sep } from 'node:path';
import express from 'express';
import expressPouchDB from 'express-pouchdb';
import PouchDB from 'pouchdb';

const Stored = PouchDB.defaults({ prefix: process.argv[2] + sep });
const app = express();
// Without the parts that replication does not need: users, logs, the administration page.
app.use('/', expressPouchDB(Stored, { mode: 'minimumForPouchDB' }));
const listening = app.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${listening.address().port}`);
});
process.stdin.resume().on('end', () => process.exit());
