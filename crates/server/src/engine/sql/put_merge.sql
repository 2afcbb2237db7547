insert into merge_log (org_id, op_id, moved) values (:org_id, :op_id, :moved)
on conflict (org_id, op_id) do update set moved = excluded.moved
