-- The latest step that stands, or the named one: something done, or done again.
select seq, tx_id, of_seq, last_seq
from step
where kind in ('do', 'redo')
  and taken_back = 0
  and (:tx_id is null or tx_id = :tx_id)
order by seq desc
limit 1
