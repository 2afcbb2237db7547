update log
set
  op_seq = :op_seq,
  was = :was,
  state = :state,
  seq = :seq,
  outcome = :outcome,
  lost = :lost,
  attention = :attention
where local_seq = :local_seq
