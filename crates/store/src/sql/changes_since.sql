-- What others than the running transaction did to a record after a row of the log.
select kind, patch
from log
where record = :record
  and local_seq > :seq
  and tx_id <> :tx_id
order by local_seq
