-- Organisations, their people, teams, devices and rights. Instants are milliseconds since 1970, UTC; ids are the
-- sixteen bytes of a UUID; a yes or no is 1 or 0. The organisation leads every key. Closing brackets of tables
-- stand alone on their line (SQLite gets them as strict tables).

create table org (
  org_id bytea not null primary key,
  name text not null,
  created_at bigint not null
);

-- The order of all changes of an organisation. A writer updates its row before anything else.
create table feed_head (
  org_id bytea not null primary key references org (org_id),
  n bigint not null
);

-- What a restore begins. The current epoch is the one that started last; floor is the feed head that the
-- restored backup had: what was acknowledged above it comes back from the laptops.
create table epoch (
  org_id bytea not null references org (org_id),
  id bytea not null,
  floor bigint not null,
  started_at bigint not null,
  primary key (org_id, id)
);

-- role: salesperson | manager | admin. password is a PHC string, null until the first one is set.
create table account (
  org_id bytea not null references org (org_id),
  id bytea not null,
  login text not null,
  name text not null,
  role text not null,
  team_id bytea,
  password text,
  disabled_at bigint,
  created_at bigint not null,
  primary key (org_id, id),
  unique (org_id, login)
);

-- A tree: parent is null at its top. The leader, a manager, sees the whole branch.
create table team (
  org_id bytea not null references org (org_id),
  id bytea not null,
  name text not null,
  parent_id bytea,
  leader_id bytea,
  primary key (org_id, id)
);

-- code_hash: BLAKE3 of the code, which is shown once and stands nowhere.
create table invitation (
  org_id bytea not null,
  id bytea not null,
  user_id bytea not null,
  code_hash bytea not null,
  created_at bigint not null,
  expires_at bigint not null,
  used_at bigint,
  primary key (org_id, id),
  foreign key (org_id, user_id) references account (org_id, id)
);
create index invitation_of_user on invitation (org_id, user_id);

-- public_key: Ed25519, 32 bytes.
create table device (
  org_id bytea not null,
  id bytea not null,
  user_id bytea not null,
  name text not null,
  public_key bytea not null,
  enrolled_at bigint not null,
  seen_at bigint not null,
  revoked_at bigint,
  primary key (org_id, id),
  foreign key (org_id, user_id) references account (org_id, id)
);
create index device_of_user on device (org_id, user_id);

-- One row for each pair of tokens; a family is what one log in began, and is revoked as a whole. Both hashes are
-- BLAKE3 of the secret part. replaced_at: its refresh token was used. confirmed_at: the device showed that it
-- received the pair, so that its predecessor can only come from a thief or a copy.
create table token (
  org_id bytea not null,
  id bytea not null,
  family_id bytea not null,
  device_id bytea not null,
  access_hash bytea not null,
  access_until bigint not null,
  refresh_hash bytea not null,
  refresh_until bigint not null,
  previous_id bytea,
  confirmed_at bigint,
  replaced_at bigint,
  revoked_at bigint,
  primary key (org_id, id),
  foreign key (org_id, device_id) references device (org_id, id)
);
create index token_of_family on token (org_id, family_id);
create index token_of_device on token (org_id, device_id);
create index token_past on token (org_id, refresh_until);

-- What a user may see, one row for each reason: org | owner:<user> | root:<record>. level: read | write.
-- since is the feed's number at which the grant began; above a device's cursor it calls for a snapshot.
create table scope_grant (
  org_id bytea not null,
  user_id bytea not null,
  scope text not null,
  reason text not null,
  level text not null,
  since bigint not null,
  primary key (org_id, user_id, scope, reason),
  foreign key (org_id, user_id) references account (org_id, id)
);
create index scope_grant_of_scope on scope_grant (org_id, scope);

-- What a user can see no longer, since the feed's number seq: laptops purge it.
create table lost_access (
  org_id bytea not null,
  user_id bytea not null,
  scope text not null,
  seq bigint not null,
  primary key (org_id, user_id, scope, seq)
);

-- Append-only; hash = BLAKE3(prev || entry). detail is JSON of ids, field names and codes, never personal values.
create table audit (
  org_id bytea not null references org (org_id),
  seq bigint not null,
  at bigint not null,
  actor_id bytea,
  device_id bytea,
  action text not null,
  subject_id bytea,
  detail text not null,
  prev bytea not null,
  hash bytea not null,
  primary key (org_id, seq)
);

-- The chain's end, and the lock row of all changes to accounts.
create table audit_head (
  org_id bytea not null primary key references org (org_id),
  seq bigint not null,
  hash bytea not null
);
