-- Records that an answer or a checkpoint ends something for.
select record as id
from log
where state in ('pending', 'sent', 'answered')
  and state = 'answered'
union
select id
from held
where leaving = 1
