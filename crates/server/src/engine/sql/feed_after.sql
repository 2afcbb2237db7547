select id, seq, leave
from feed
where org_id = :org_id and scope = :scope and seq > :seq
order by seq
limit :page
