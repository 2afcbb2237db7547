select n, catalog_rev, rights_rev from feed_head where org_id = :org_id
