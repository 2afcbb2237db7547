update audit_head set seq = :seq, hash = :hash where org_id = :org_id
