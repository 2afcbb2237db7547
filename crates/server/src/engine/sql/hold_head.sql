update feed_head set n = n where org_id = :org_id returning n, catalog_rev, rights_rev
