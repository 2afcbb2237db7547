insert into unique_value (org_id, entity, field, value, id)
values (:org_id, :entity, :field, :value, :id)
on conflict (org_id, entity, field, value, id) do nothing
