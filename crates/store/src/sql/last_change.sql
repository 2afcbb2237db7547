select hlc
from log
where state <> 'history'
order by local_seq desc
limit 1
