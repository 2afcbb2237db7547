update audit_head set seq = seq where org_id = :org_id returning seq, hash
