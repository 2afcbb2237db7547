insert into audit_head (org_id, seq, hash) values (:org_id, 0, :hash)
