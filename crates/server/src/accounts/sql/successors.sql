select id, confirmed_at from token
where org_id = :org_id and family_id = :family_id and previous_id = :id and revoked_at is null
