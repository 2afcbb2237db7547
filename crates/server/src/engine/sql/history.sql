select entry
from (
  select entry, seq, row_number() over (partition by record_id order by seq desc) as place
  from history
  where org_id = :org_id and record_id in (:ids::bytea...) and seq > :least
) as newest
where place <= :each
order by seq desc
