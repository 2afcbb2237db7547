-- Where the ops stand that other unanswered ones carry.
select local_seq
from log
where carrier is not null
  and state in ('pending', 'sent')
