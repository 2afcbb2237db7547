-- a row fails before anything of it is written, so nothing needs a journal to be taken back
update or fail log
set
  op_seq = ?2,
  was = ?3,
  state = ?4,
  seq = ?5,
  outcome = ?6,
  lost = ?7,
  attention = ?8
where local_seq = ?1
