update feed_head set n = n + 1 where org_id = :org_id returning n
