-- The keys of records are read by the records' ids out of this index alone; without the last two columns SQLite
-- thought the primary key, which has them, the cheaper way, and read the organisation's keys whole.
drop index record_key_of_record;
create index record_key_of_record on record_key (org_id, id, kind, value);
