update token set confirmed_at = :now where org_id = :org_id and id = :id and confirmed_at is null
