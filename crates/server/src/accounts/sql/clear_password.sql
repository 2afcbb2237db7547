update account set password = null = 0 where org_id = :org_id and id = :id
