insert into epoch (org_id, id, floor, started_at) values (:org_id, :id, :floor, :started_at)
on conflict (org_id, id) do nothing
