insert into record_key (org_id, kind, value, id)
values (:org_id, :kind, :value, :id)
on conflict (org_id, kind, value, id) do nothing
