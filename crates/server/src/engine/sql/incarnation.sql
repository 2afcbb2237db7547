select device_id, last_op_seq from incarnation where org_id = :org_id and id = :id
