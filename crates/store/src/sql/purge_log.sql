-- What waits for a person's eyes stays.
delete from log
where record = ?1
  and attention is null
