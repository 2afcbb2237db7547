select family_id, device_id, refresh_hash, refresh_until, replaced_at, revoked_at
from token
where org_id = :org_id and id = :id
