update device set revoked_at = coalesce(revoked_at, :now) where org_id = :org_id and id = :id
