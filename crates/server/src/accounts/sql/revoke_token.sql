update token set revoked_at = :now where org_id = :org_id and id = :id
