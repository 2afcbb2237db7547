-- The ops of a transaction that the server has not answered, in order.
select
  local_seq, op_id, op_seq, tx_id, atomic, entity, record, root, kind, patch, other, base_rev, chain, seen, hlc, author,
  origin, schema_v, was, carrier, state, seq, outcome, lost
from log
where state in ('pending', 'sent', 'answered')
  and state in ('pending', 'sent')
  and tx_id = ?1
order by local_seq
