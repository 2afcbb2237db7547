-- What a restored server may have forgotten, and what it never answered.
select
  local_seq, op_id, op_seq, tx_id, atomic, entity, record, root, kind, patch, other, base_rev, chain, seen, hlc, author,
  origin, schema_v, was, carrier, state, seq, outcome, lost
from log
where (state in ('answered', 'done') and seq > ?1)
  or state in ('pending', 'sent')
order by local_seq
