-- Steps that are one line of the outbox, in order: imports, and those with many ops; none that ended before a place.
select first_seq, last_seq
from step
where last_seq >= ?1
  and (last_seq - first_seq >= ?2 or action = 'import')
order by first_seq
