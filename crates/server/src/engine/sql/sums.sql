select scope, sums from scope_sum where org_id = :org_id and scope in (:scopes...)
