select op_id, record
from log
where state in ('pending', 'sent', 'answered')
  and state = 'sent'
