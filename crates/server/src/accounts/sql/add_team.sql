insert into team (org_id, id, name, parent_id, leader_id) values (:org_id, :id, :name, :parent_id, :leader_id)
