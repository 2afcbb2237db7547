update device set seen_at = :now where org_id = :org_id and id = :id
returning user_id, public_key, revoked_at
