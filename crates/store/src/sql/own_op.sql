select local_seq, entity, state, seq, attention
from log
where record = ?1
  and op_id = ?2
