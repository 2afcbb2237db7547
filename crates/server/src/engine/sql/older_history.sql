select seq, entry
from history
where org_id = :org_id and record_id = :record_id and seq < :below
order by seq desc
limit :most
