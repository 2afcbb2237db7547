select seq from feed where org_id = :org_id and scope = :scope and seq > :seq limit 1
