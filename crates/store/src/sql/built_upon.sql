-- Later ops of this laptop that hang on a record that an earlier one makes, or name it.
select op_id
from log
where state in ('pending', 'sent', 'answered')
  and local_seq > ?1
  and record <> ?2
  and (root = ?2 or instr(patch, ?3) > 0)
