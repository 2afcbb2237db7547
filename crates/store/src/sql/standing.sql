-- A transaction, its undo, the redo of that, … and where this ends.
with recursive chain (seq, tx_id, kind) as (
  select seq, tx_id, kind
  from step
  where tx_id = ?1
  union all
  select step.seq, step.tx_id, step.kind
  from step
  join chain on step.of_seq = chain.seq
  where step.seq > chain.seq
)
select tx_id, kind
from chain
order by seq desc
limit 1
