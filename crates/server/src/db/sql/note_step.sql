insert into schema_step (n, name, taken_at) values (:n, :name, :taken_at)
