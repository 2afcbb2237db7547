select count(*) as n from account where org_id = :org_id and role = 'admin' and disabled_at is null and id <> :id
