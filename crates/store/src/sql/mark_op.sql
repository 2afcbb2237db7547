-- a row fails before anything of it is written, so nothing needs a journal to be taken back
update or fail log
set
  op_seq = :op_seq,
  was = :was,
  state = :state,
  seq = :seq,
  outcome = :outcome,
  lost = :lost,
  attention = :attention
where local_seq = :local_seq
