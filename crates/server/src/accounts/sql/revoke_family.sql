update token set revoked_at = :now where org_id = :org_id and family_id = :family_id and revoked_at is null
