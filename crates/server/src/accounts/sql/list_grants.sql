select user_id, scope, reason, level, since from scope_grant where org_id = :org_id
order by user_id, scope, reason
