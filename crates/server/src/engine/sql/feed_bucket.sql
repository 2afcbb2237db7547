select id
from feed
where org_id = :org_id and scope = :scope and leave = 0 and bucket in (:buckets...)
