select distinct state
from log
where record = ?1
  and state in ('pending', 'sent')
