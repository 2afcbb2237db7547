select op_id, moved from merge_log where org_id = :org_id and op_id in (:ids::bytea...)
