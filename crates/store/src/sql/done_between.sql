select entity, record
from log
where local_seq between ?1 and ?2
  and state = 'done'
