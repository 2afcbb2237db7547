-- Tokens that a device has shown to have, and that would be taken.
select refresh_hash
from token
where org_id = :org_id
  and device_id = :device_id
  and revoked_at is null
  and replaced_at is null
  and confirmed_at is not null
  and refresh_until > :now
