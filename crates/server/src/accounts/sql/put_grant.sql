insert into scope_grant (org_id, user_id, scope, reason, level, since)
values (:org_id, :user_id, :scope, :reason, :level, :since)
on conflict (org_id, user_id, scope, reason) do update set level = excluded.level
