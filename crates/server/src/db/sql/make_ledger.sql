create table if not exists schema_step (
  n bigint not null primary key,
  name text not null,
  taken_at bigint not null
);
create table if not exists schema_lock (
  id bigint not null primary key,
  n bigint not null
);
insert into schema_lock (id, n) values (1, 0) on conflict (id) do nothing;
