update invitation set used_at = :now where org_id = :org_id and id = :id and used_at is null
