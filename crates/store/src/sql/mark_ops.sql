-- Ops that follow each other, and whose places on their way do. A row fails before anything of it is written, so nothing
-- needs a journal to be taken back.
update or fail log
set
  op_seq = ?3 + (local_seq - ?1),
  was = ?4,
  state = ?5,
  seq = ?6 + (local_seq - ?1),
  outcome = ?7,
  lost = ?8,
  attention = ?9
where local_seq between ?1 and ?2
