update invitation set used_at = :now where org_id = :org_id and user_id = :user_id and used_at is null
