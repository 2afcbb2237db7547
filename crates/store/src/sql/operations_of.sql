select local_seq, op_id, log.tx_id, log.entity, log.record, root, log.kind, patch, base_rev, hlc, author, origin, state, log.seq as seq, carrier, other, lost
from step
join log on local_seq between first_seq and last_seq
where step.tx_id = ?1
  and state <> 'history'
order by local_seq
