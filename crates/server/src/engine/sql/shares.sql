select root_id, user_id, reason, level
from share
where org_id = :org_id and root_id in (:roots::bytea...)
order by root_id, user_id, reason
