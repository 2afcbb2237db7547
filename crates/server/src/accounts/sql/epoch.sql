select id, floor, started_at
from epoch
where org_id = :org_id
order by started_at desc
limit 1
