delete from share where org_id = :org_id and root_id in (:roots::bytea...)
