-- Ops that were never sent and go by themselves, the first ones after a place.
select
  local_seq, op_id, op_seq, tx_id, atomic, entity, record, root, kind, patch, other, base_rev, chain, seen, hlc, author,
  origin, schema_v, was, carrier, state, seq, outcome, lost
from log
where state in ('pending', 'sent', 'answered')
  and state = 'pending'
  and carrier is null
  and local_seq > ?1
order by local_seq
limit ?2
