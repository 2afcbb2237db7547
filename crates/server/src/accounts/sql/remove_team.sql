delete from team where org_id = :org_id and id = :id
