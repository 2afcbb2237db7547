insert into held (scope, id, generation, leaving)
values (?1, ?2, ?3, ?4)
on conflict (scope, id) do nothing
