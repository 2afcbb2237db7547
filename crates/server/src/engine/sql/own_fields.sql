select id, deleted, fields
from record
where org_id = :org_id and entity = 'field_definition'
order by id
