select local_seq, entity, state
from log
where record = ?1
  and op_id = ?2
