select id
from option
where list = ?1
order by position, name
