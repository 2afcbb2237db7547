-- What an answer said stands; one that waits for its own answer, though a copy of this laptop sent it too, hears it then.
update log
set
  seq = coalesce(seq, ?2),
  lost = ?3
where local_seq = ?1
  and state in ('answered', 'done')
