select id, kind, value from record_key where org_id = :org_id and id in (:ids::bytea...)
