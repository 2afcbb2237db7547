select undo.tx_id
from step
join step as undo on undo.of_seq = step.seq
where step.tx_id = ?1
  and undo.kind = 'undo'
  and undo.taken_back = 0
