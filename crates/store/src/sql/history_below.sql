-- What happened to a customer and to what hangs below it; interactions tell their own story.
select local_seq, op_id, tx_id, entity, record, root, kind, patch, base_rev, hlc, author, origin, state, seq, carrier, other, lost
from log
where record in (
    select ?1
    union all select id from contact where root_id = ?1
    union all select id from opportunity where root_id = ?1
    union all select id from participation where root_id = ?1
  )
  and hlc < ?2
order by hlc desc
limit ?3
