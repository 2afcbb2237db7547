update account
set name = :name, role = :role, team_id = :team_id, disabled_at = :disabled_at
where org_id = :org_id and id = :id
