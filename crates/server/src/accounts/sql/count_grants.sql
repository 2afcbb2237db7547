select count(*) as n from scope_grant where org_id = :org_id and user_id = :user_id and scope = :scope
