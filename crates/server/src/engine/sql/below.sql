select id, root_id from record where org_id = :org_id and root_id in (:roots::bytea...)
