select count(*) as n
from log
where state in ('pending', 'sent', 'answered')
  and state in ('pending', 'sent')
