insert into lost_access (org_id, user_id, scope, seq) values (:org_id, :user_id, :scope, :seq)
on conflict (org_id, user_id, scope, seq) do nothing
