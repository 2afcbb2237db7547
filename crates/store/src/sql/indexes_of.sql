-- Those that were made by a statement; what a constraint needs has none.
select name
from sqlite_schema
where type = 'index'
  and tbl_name = ?1
  and sql is not null
