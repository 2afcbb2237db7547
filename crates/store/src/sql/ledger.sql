-- What the file knows of itself and of what happened in it; the records' own tables are made
-- from the catalog.

create table if not exists meta (
  key text primary key,
  value text not null
) strict, without rowid;

-- The change log: outbox, history and source of undo in one (docs/adr/0003).
create table if not exists log (
  local_seq integer primary key autoincrement,
  op_id blob not null,
  tx_id blob not null,
  entity text not null,
  record blob not null,
  root blob not null,
  -- create | update | delete | restore | transfer | merge | split
  kind text not null,
  -- {"field": [old, new]}
  patch text not null,
  -- the record revision that the author saw
  base_rev integer not null,
  hlc integer not null,
  author blob,
  device blob not null,
  -- form | import:<batch> | undo:<tx> | redo:<tx> | merge | ...
  origin text not null,
  schema_v integer not null,
  -- of this laptop's own: pending | sent | answered | done; history: what the server tells of others' changes
  state text not null,
  -- the checkpoint that the author's laptop had reached
  seen integer not null default 0,
  -- sent whole with the others of its transaction
  atomic integer not null default 0,
  -- {"field": {"op", "base"}}: what earlier ops had set that the record's rev says nothing of
  chain text,
  -- its place in the incarnation, once it was sent
  op_seq integer,
  -- its place at the server, once it stands there
  seq integer,
  -- the server's answer
  outcome text,
  -- its places before the server was restored and forgot it
  was text,
  -- the op of a transfer or a merge that does the same at the server: this one is only shown
  carrier blob,
  -- of a merge the record that goes, of a split the merge's op
  other blob,
  -- ["field"]: what did not stand
  lost text,
  -- 1 while a person has to look at the answer
  attention integer
) strict;
create index if not exists log_record on log (record);
-- Small: what is over leaves it. A query names the whole condition.
create index if not exists log_live on log (state) where state in ('pending', 'sent', 'answered');
create index if not exists log_carrier on log (carrier) where carrier is not null;
create index if not exists log_attention on log (attention) where attention is not null;
-- Whether a transaction of the door is running. It is opened and shut within that transaction, so that nobody
-- else ever sees it open. The guards ask a row and not a function, because a trigger that calls one makes
-- SQLite keep a journal for every single insert.
create table if not exists door (
  open integer not null
) strict;
insert into door (open) select 0 where not exists (select 1 from door);

create trigger if not exists log_guard_insert before insert on log
when not (select open from door) begin select raise(fail, 'not written through the door'); end;
create trigger if not exists log_guard_update before update on log
when not (select open from door) begin select raise(fail, 'not written through the door'); end;
create trigger if not exists log_guard_delete before delete on log
when not (select open from door) begin select raise(fail, 'not written through the door'); end;

-- What undo and redo can take back, one row for each transaction of this laptop.
create table if not exists step (
  seq integer primary key autoincrement,
  tx_id blob not null unique,
  -- do | undo | redo | number: Ketu's own, which nobody undoes
  kind text not null,
  -- the step that this one takes back
  of_seq integer,
  taken_back integer not null default 0,
  action text not null,
  entity text not null,
  records integer not null,
  record blob,
  -- its rows of the log: one door at a time writes them, so that they follow each other
  first_seq integer not null,
  last_seq integer not null
) strict;

-- Append-only: who did what to which record, ids and field names, never values.
create table if not exists audit (
  seq integer primary key autoincrement,
  at integer not null,
  author blob,
  device blob not null,
  action text not null,
  entity text not null,
  record blob,
  fields text not null
) strict;
create trigger if not exists audit_is_append_only_update before update on audit
begin select raise(abort, 'the audit is append-only'); end;
create trigger if not exists audit_is_append_only_delete before delete on audit
begin select raise(abort, 'the audit is append-only'); end;

-- Running numbers such as CUST-2026, by prefix and year.
create table if not exists number_series (
  series text primary key,
  last integer not null
) strict, without rowid;

-- Numbers of a series that the server lent and that are not given yet; the door alone gives them.
create table if not exists lease (
  series text not null,
  next integer not null,
  last integer not null,
  primary key (series, last)
) strict, without rowid;

-- Reminders that were shown, by the instant they were due at, so that none fires twice.
create table if not exists reminder_fired (
  reminder blob not null,
  due_at integer not null,
  fired_at integer not null,
  primary key (reminder, due_at)
) strict, without rowid;

create table if not exists setting (
  key text primary key,
  value text not null
) strict, without rowid;

-- Synchronisation (docs/sync-protocol.md, docs/adr/0008). What it writes comes through the door's confirmed mode.

-- One row: what the laptop remembers of its agreement with the server. Without it there is no server.
create table if not exists sync_state (
  one integer primary key check (one = 1),
  incarnation blob not null,
  checkpoint integer not null,
  -- the server's clock minus this laptop's, milliseconds
  clock_offset integer not null,
  -- the engine's own words
  state text not null
) strict;

create table if not exists scope (
  number integer primary key,
  name text not null unique
) strict;

-- Which scopes hold which records.
create table if not exists held (
  scope integer not null,
  id blob not null,
  generation integer not null,
  -- it left; the purge waits for answers
  leaving integer not null default 0,
  primary key (scope, id)
) strict, without rowid;
create index if not exists held_id on held (id);
create index if not exists held_leaving on held (id) where leaving = 1;

-- The server's row of each record that has live ops here, in canonical JSON.
create table if not exists base (
  id blob primary key,
  row text not null
) strict, without rowid;

-- Records that this version does not know, as they came.
create table if not exists parked (
  id blob primary key,
  entity text not null,
  rev integer not null,
  sum blob not null,
  row text not null
) strict, without rowid;

-- Names of records outside this laptop's scopes that others refer to.
create table if not exists stub (
  id blob primary key,
  entity text not null,
  name text not null
) strict, without rowid;

-- The sum of each bucket of a scope, modulo 2^128.
create table if not exists scope_sum (
  scope integer not null,
  bucket integer not null,
  sum blob not null,
  primary key (scope, bucket)
) strict, without rowid;
