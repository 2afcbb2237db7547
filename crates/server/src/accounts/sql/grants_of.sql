select scope, reason, level, since from scope_grant where org_id = :org_id and user_id = :user_id
order by scope, reason
