-- What others than the running transaction did to a record after a row of the log. What colleagues did is for the
-- server to weigh.
select kind, patch
from log
where record = :record
  and local_seq > :seq
  and tx_id <> :tx_id
  and state <> 'history'
  and origin <> 'number'
order by local_seq
