insert into feed (org_id, scope, id, seq, leave, bucket)
values (:org_id, :scope, :id, :seq, :leave, :bucket)
on conflict (org_id, scope, id) do update set seq = excluded.seq, leave = excluded.leave
