-- What a step changed by itself, as far as the log still has it: a record that left this laptop took its rows along, and
-- what a transfer carried is nothing without it.
select entity, record
from log
where local_seq between :first_seq and :last_seq
  and state <> 'history'
  and carrier is null
