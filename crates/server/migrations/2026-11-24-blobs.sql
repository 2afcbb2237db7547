-- Contents of files, kept beside the database under their BLAKE3 hash, and the records that have them: who sees a record
-- may read its files, and nobody else, whatever hash they know.

-- What is there. Its row is the lock of whoever brings the content or takes it away.
create table blob (
  org_id bytea not null,
  hash bytea not null,
  size bigint not null,
  added_at bigint not null,
  primary key (org_id, hash)
);

-- unused_since: when the record was first found deleted.
create table blob_owner (
  org_id bytea not null,
  hash bytea not null,
  record_id bytea not null,
  user_id bytea not null,
  added_at bigint not null,
  unused_since bigint,
  primary key (org_id, hash, record_id)
);
create index blob_owner_of_record on blob_owner (org_id, record_id);

-- What is still coming in. chunks: one byte for each, 1 where it is there.
create table blob_upload (
  org_id bytea not null,
  id bytea not null,
  hash bytea not null,
  size bigint not null,
  record_id bytea not null,
  user_id bytea not null,
  device_id bytea not null,
  chunks bytea not null,
  touched_at bigint not null,
  primary key (org_id, id)
);
create index blob_upload_of_device on blob_upload (org_id, device_id);
