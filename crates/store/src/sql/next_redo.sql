-- Undos that nothing new was done after, the latest first.
select seq, tx_id, first_seq, last_seq, records
from step
where kind = 'undo'
  and taken_back = 0
  and (:tx_id is null or tx_id = :tx_id)
  and seq > coalesce((select max(seq) from step where kind = 'do'), 0)
order by seq desc
