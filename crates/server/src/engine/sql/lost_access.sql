select scope, max(seq) as seq from lost_access where org_id = :org_id and user_id = :user_id group by scope
