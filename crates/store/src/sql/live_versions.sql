select hlc, author, patch
from log
where record = ?1
  and state in ('pending', 'sent', 'answered')
order by local_seq
