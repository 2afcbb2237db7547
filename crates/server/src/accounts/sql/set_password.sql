update account set password = :password where org_id = :org_id and id = :id
