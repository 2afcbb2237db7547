-- Ops that are not over, after a place in the log.
select
  local_seq, op_id, op_seq, tx_id, atomic, entity, record, root, kind, patch, other, base_rev, chain, seen, hlc, author,
  origin, schema_v, was, carrier, state, seq, outcome, lost
from log
where state in ('pending', 'sent', 'answered')
  and local_seq > ?1
