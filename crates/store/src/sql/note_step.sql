insert into step (tx_id, kind, of_seq, action, entity, records, record)
values (:tx_id, :kind, :of_seq, :action, :entity, :records, :record)
