select value, id
from unique_value
where org_id = :org_id and entity = :entity and field = :field and value in (:values::text...)
