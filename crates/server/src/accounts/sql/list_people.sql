select id, role, team_id, disabled_at from account where org_id = :org_id
