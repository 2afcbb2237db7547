insert into series (org_id, name, last) values (:org_id, :name, :last)
on conflict (org_id, name) do update set last = excluded.last
