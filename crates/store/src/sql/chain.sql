-- What earlier ops of this laptop did to a record that the server's row does not show yet, the latest first.
select op_id, base_rev, chain, patch
from log
where record = ?1
  and state in ('pending', 'sent', 'answered')
order by local_seq desc
