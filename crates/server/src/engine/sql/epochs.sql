select id, floor from epoch where org_id = :org_id order by started_at, id
