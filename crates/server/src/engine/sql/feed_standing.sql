select scope, id, seq, leave
from feed
where org_id = :org_id and scope in (:scopes...) and id in (:ids::bytea...)
