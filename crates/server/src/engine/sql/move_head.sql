update feed_head set n = :n where org_id = :org_id
