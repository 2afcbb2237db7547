select seq, hash from audit_head where org_id = :org_id
