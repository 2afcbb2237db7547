select scope from scope_sum where org_id = :org_id and scope like 'owner:%'
