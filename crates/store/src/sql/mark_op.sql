update log
set op_seq = :op_seq, again = :again, state = :state, seq = coalesce(:seq, seq), outcome = :outcome, attention = :attention
where local_seq = :local_seq
