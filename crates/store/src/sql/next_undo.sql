-- Steps that stand, or the named one, the latest first: something done, or done again.
select seq, tx_id, first_seq, last_seq, records
from step
where kind in ('do', 'redo')
  and taken_back = 0
  and (:tx_id is null or tx_id = :tx_id)
order by seq desc
