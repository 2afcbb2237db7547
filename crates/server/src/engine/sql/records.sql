select id, entity, root_id, rev, created_at, created_by, updated_at, updated_by, deleted, fields, versions
from record
where org_id = :org_id and id in (:ids::bytea...)
