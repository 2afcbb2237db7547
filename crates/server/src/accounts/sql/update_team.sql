update team set name = :name, parent_id = :parent_id, leader_id = :leader_id where org_id = :org_id and id = :id
