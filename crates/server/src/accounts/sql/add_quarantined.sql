insert into quarantine (org_id, op_id, device_id, user_id, at, op)
values (:org_id, :op_id, :device_id, :user_id, :at, :op)
on conflict (org_id, op_id) do nothing
