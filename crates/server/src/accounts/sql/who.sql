select t.access_hash, t.access_until, t.revoked_at as token_revoked_at, t.confirmed_at, d.id as device_id,
  d.revoked_at as device_revoked_at, d.seen_at, u.id as user_id, u.role, u.disabled_at
from token t
join device d on d.org_id = t.org_id and d.id = t.device_id
join account u on u.org_id = d.org_id and u.id = d.user_id
where t.org_id = :org_id and t.id = :id
