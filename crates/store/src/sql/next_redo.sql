-- The latest undo, as long as nothing new was done after it.
select seq, tx_id, of_seq, last_seq
from step
where kind = 'undo'
  and taken_back = 0
  and (:tx_id is null or tx_id = :tx_id)
  and seq > coalesce((select max(seq) from step where kind = 'do'), 0)
order by seq desc
limit 1
