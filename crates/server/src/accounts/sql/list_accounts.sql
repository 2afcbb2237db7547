select id, login, name, role, team_id, password is not null as has_password, disabled_at, created_at
from account
where org_id = :org_id
order by login
