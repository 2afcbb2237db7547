select hlc
from log
where local_seq = (
  select min(local_seq) from (
    select min(local_seq) as local_seq from log where state = 'pending' and state in ('pending', 'sent', 'answered')
    union all
    select min(local_seq) from log where state = 'sent' and state in ('pending', 'sent', 'answered')
  )
)
