insert into stub (id, entity, name)
values (?1, ?2, ?3)
on conflict (id) do update set entity = excluded.entity, name = excluded.name
