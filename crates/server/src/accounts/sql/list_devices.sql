select id, user_id, name, enrolled_at, seen_at, revoked_at
from device
where org_id = :org_id
order by seen_at desc, id
