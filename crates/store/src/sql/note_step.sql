insert into step (tx_id, kind, of_seq, action, entity, records, record, first_seq, last_seq)
values (:tx_id, :kind, :of_seq, :action, :entity, :records, :record, :first_seq, :last_seq)
