select tx_id, action, entity, records, record
from step
where seq = ?1
