update schema_lock set n = n + 1 where id = 1
