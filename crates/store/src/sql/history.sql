select local_seq, op_id, tx_id, entity, record, root, kind, patch, base_rev, hlc, author, origin, state, seq, carrier, other, lost
from log
where record = ?1
order by hlc desc, local_seq desc
