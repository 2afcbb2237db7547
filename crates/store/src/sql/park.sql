insert into parked (id, entity, rev, sum, row)
values (?1, ?2, ?3, ?4, ?5)
on conflict (id) do update set entity = excluded.entity, rev = excluded.rev, sum = excluded.sum, row = excluded.row
