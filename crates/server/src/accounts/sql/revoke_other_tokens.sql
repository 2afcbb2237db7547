update token set revoked_at = :now
where org_id = :org_id and revoked_at is null and device_id <> :device_id
  and device_id in (select id from device where org_id = :org_id and user_id = :user_id)
