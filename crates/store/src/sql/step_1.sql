-- The log becomes an outbox: what synchronisation writes beside an operation. Nothing was ever answered before it.
alter table log add column seen integer not null default 0;
alter table log add column atomic integer not null default 0;
alter table log add column chain text;
alter table log add column op_seq integer;
alter table log add column seq integer;
alter table log add column outcome text;
alter table log add column was text;
alter table log add column carrier blob;
alter table log add column other blob;
alter table log add column lost text;
alter table log add column attention integer;
update log
set state = 'done', outcome = case state when 'confirmed' then '{"is":"applied"}' end
where state in ('confirmed', 'rejected');
