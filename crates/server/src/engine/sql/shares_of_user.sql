select root_id, reason, level from share where org_id = :org_id and user_id = :user_id
