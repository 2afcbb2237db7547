select id, login, name, role, team_id, password, disabled_at
from account
where org_id = :org_id and id = :id
