-- What the laptops agree on: records, the feed that they are pulled by, and what the engine remembers of pushes
-- (docs/sync-protocol.md). Scopes are text: org | pool | owner:<user> | user:<user> | root:<customer>.

-- Rights follow from accounts, teams and shares; they are not kept a second time.
drop table scope_grant;

-- The feed's numbers at which the organisation's own fields and anybody's rights changed last.
alter table feed_head add column catalog_rev bigint not null default 0;
alter table feed_head add column rights_rev bigint not null default 0;

-- fields: JSON by field, unknown ones kept as they came. versions: JSON {version, overrides, last, last_other}.
create table record (
  org_id bytea not null,
  id bytea not null,
  entity text not null,
  root_id bytea not null,
  rev bigint not null,
  created_at bigint not null,
  created_by bytea,
  updated_at bigint not null,
  updated_by bytea,
  deleted bigint,
  fields text not null,
  versions text not null,
  primary key (org_id, id)
);
create index record_of_root on record (org_id, root_id);
create index record_own_fields on record (org_id, id) where entity = 'field_definition';

-- One entry for each scope and record; leave: 1 where the record left. bucket: the last byte of the id.
create table feed (
  org_id bytea not null,
  scope text not null,
  id bytea not null,
  seq bigint not null,
  leave bigint not null,
  bucket bigint not null,
  primary key (org_id, scope, id)
);
create index feed_by_seq on feed (org_id, scope, seq);

-- The sums of a scope's 256 buckets, sixteen bytes each, modulo 2^128.
create table scope_sum (
  org_id bytea not null,
  scope text not null,
  sums bytea not null,
  primary key (org_id, scope)
);

-- What was answered to an op, as JSON, for 400 days at least.
create table answer (
  org_id bytea not null,
  op_id bytea not null,
  incarnation bytea not null,
  at bigint not null,
  answer text not null,
  primary key (org_id, op_id)
);

-- A laptop's file, and its last op that was answered.
create table incarnation (
  org_id bytea not null,
  id bytea not null,
  device_id bytea not null,
  user_id bytea not null,
  last_op_seq bigint not null,
  begun_at bigint not null,
  primary key (org_id, id)
);

-- Who else has a customer. reason: given | opportunity:<id>; level: read | write.
create table share (
  org_id bytea not null,
  root_id bytea not null,
  user_id bytea not null,
  reason text not null,
  level text not null,
  primary key (org_id, root_id, user_id, reason)
);
create index share_of_user on share (org_id, user_id);

-- Values that no two living records should share, and who has them; a long one stands as its hash.
create table unique_value (
  org_id bytea not null,
  entity text not null,
  field text not null,
  value text not null,
  id bytea not null,
  primary key (org_id, entity, field, value, id)
);

-- The last number given of each series, as CUST-2026.
create table series (
  org_id bytea not null,
  name text not null,
  last bigint not null,
  primary key (org_id, name)
);

-- What a merge took along: a JSON list of ids, the merged record first.
create table merge_log (
  org_id bytea not null,
  op_id bytea not null,
  moved text not null,
  primary key (org_id, op_id)
);

-- What ops did, as JSON, for people.
create table history (
  org_id bytea not null,
  record_id bytea not null,
  seq bigint not null,
  op_id bytea not null,
  entry text not null,
  primary key (org_id, record_id, seq, op_id)
);
