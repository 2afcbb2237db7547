select id, name, parent_id, leader_id from team where org_id = :org_id order by name, id
