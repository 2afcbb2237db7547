update team set parent_id = :parent_id where org_id = :org_id and parent_id = :id
