-- The live ops of a record, in order.
select
  local_seq, op_id, op_seq, tx_id, atomic, entity, record, root, kind, patch, other, base_rev, chain, seen, hlc, author,
  origin, schema_v, was, carrier, state, seq, outcome, lost
from log
where record = ?1
  and state in ('pending', 'sent', 'answered')
order by local_seq
