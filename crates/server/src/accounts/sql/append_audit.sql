insert into audit (org_id, seq, at, actor_id, device_id, action, subject_id, detail, prev, hash)
values (:org_id, :seq, :at, :actor_id, :device_id, :action, :subject_id, :detail, :prev, :hash)
