insert into reminder_fired (reminder, due_at, fired_at) values (?1, ?2, ?3)
on conflict (reminder, due_at) do nothing
