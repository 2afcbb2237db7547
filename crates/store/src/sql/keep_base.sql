insert into base (id, row) values (?1, ?2)
on conflict (id) do update set row = excluded.row
