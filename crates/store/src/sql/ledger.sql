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
  -- pending | confirmed | rejected
  state text not null
) strict;
create index if not exists log_record on log (record);
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
  -- do | undo | redo
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
