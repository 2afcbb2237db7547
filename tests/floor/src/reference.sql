pragma journal_mode = wal;
pragma synchronous = normal;
pragma cache_size = -65536;
create table customer (
  id integer primary key,
  uid blob not null,
  number text,
  name text,
  contact text,
  phone text,
  email text,
  industry text,
  region text,
  address text,
  level text,
  fen integer,
  day text,
  note text,
  import integer
);
create unique index customer_uid on customer (uid);
create index customer_name on customer (name);
create index customer_phone on customer (phone);
create index customer_email on customer (email);
create index customer_import on customer (import);
create table log (
  seq integer primary key autoincrement,
  uid blob not null,
  kind text not null,
  at integer not null,
  payload text not null
);
