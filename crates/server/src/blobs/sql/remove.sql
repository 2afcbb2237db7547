delete from blob where org_id = :org_id and hash = :hash
