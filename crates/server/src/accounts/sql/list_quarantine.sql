select device_id, user_id, count(*) as n, min(at) as first_at, max(at) as last_at
from quarantine
where org_id = :org_id
group by device_id, user_id
order by last_at desc, device_id
