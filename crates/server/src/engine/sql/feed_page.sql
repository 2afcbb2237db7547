select id, seq
from feed
where org_id = :org_id and scope = :scope and leave = 0 and id < :below
order by id desc
limit :page
