select op from quarantine where org_id = :org_id and device_id = :device_id order by at, op_id
