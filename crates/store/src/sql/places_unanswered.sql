-- Where the ops stand that the server has not answered; out of the index alone.
select local_seq, state = 'pending' as waits
from log
where state in ('pending', 'sent', 'answered')
  and state in ('pending', 'sent')
