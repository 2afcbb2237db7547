-- The key with which an organisation signs orders to its laptops (docs/sync-protocol.md §7.4). Ed25519, 32 bytes each.
create table org_key (
  org_id bytea not null primary key references org (org_id),
  secret bytea not null,
  public bytea not null,
  made_at bigint not null
);

-- What devices that were shut out still had to say, as JSON; an administrator reads it.
create table quarantine (
  org_id bytea not null,
  op_id bytea not null,
  device_id bytea not null,
  user_id bytea not null,
  at bigint not null,
  op text not null,
  primary key (org_id, op_id)
);
create index quarantine_of_device on quarantine (org_id, device_id, at);

-- What living records are known by: uscc, phone or name as normalised, a long one as its hash.
create table record_key (
  org_id bytea not null,
  kind text not null,
  value text not null,
  id bytea not null,
  primary key (org_id, kind, value, id)
);
create index record_key_of_record on record_key (org_id, id);
