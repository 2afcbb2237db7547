insert into incarnation (org_id, id, device_id, user_id, last_op_seq, begun_at)
values (:org_id, :id, :device_id, :user_id, :last_op_seq, :begun_at)
on conflict (org_id, id) do update set last_op_seq = excluded.last_op_seq
