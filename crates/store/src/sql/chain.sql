-- What earlier ops of this laptop did to a record that the server's row does not show yet, the latest first.
select coalesce(carrier, op_id) as op_id, kind, base_rev, chain, patch, lost
from log
where record = ?1
  and state in ('pending', 'sent', 'answered')
order by local_seq desc
