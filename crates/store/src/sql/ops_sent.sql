-- Ops that were sent and not answered, behind a place of the incarnation.
select
  local_seq, op_id, op_seq, tx_id, atomic, entity, record, root, kind, patch, other, base_rev, chain, seen, hlc, author,
  origin, schema_v, was, carrier, state, seq, outcome, lost
from log
where state in ('pending', 'sent', 'answered')
  and state = 'sent'
  and op_seq > ?1
order by local_seq
