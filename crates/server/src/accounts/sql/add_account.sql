insert into account (org_id, id, login, name, role, team_id, created_at)
values (:org_id, :id, :login, :name, :role, :team_id, :created_at)
on conflict (org_id, login) do nothing
