insert into token (
  org_id, id, family_id, device_id, access_hash, access_until, refresh_hash, refresh_until, previous_id
) values (
  :org_id, :id, :family_id, :device_id, :access_hash, :access_until, :refresh_hash, :refresh_until, :previous_id
)
