update account set team_id = :parent_id where org_id = :org_id and team_id = :id
