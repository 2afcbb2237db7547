select value, id
from record_key
where org_id = :org_id and kind = :kind and value in (:values::text...)
