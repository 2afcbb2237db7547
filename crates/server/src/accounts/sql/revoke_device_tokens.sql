update token set revoked_at = :now where org_id = :org_id and device_id = :device_id and revoked_at is null
