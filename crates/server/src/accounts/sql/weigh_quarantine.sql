select count(*) as n, cast(coalesce(sum(length(op)), 0) as bigint) as size
from quarantine
where org_id = :org_id and device_id = :device_id
