select answer from answer where org_id = :org_id and op_id in (:ids::bytea...)
