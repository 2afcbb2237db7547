insert into history (org_id, record_id, seq, op_id, entry)
values (:org_id, :record_id, :seq, :op_id, :entry)
on conflict (org_id, record_id, seq, op_id) do update set entry = excluded.entry
