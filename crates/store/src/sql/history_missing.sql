-- Of a record, and of what hangs below a customer: whose history here does not begin with its making, and from which place
-- at the server on it is known.
select record, min(seq) as known_from
from log
where record in (
    select ?1
    union all select id from contact where root_id = ?1
    union all select id from opportunity where root_id = ?1
    union all select id from participation where root_id = ?1
  )
group by record
having sum(kind = 'create') = 0
