update feed_head set catalog_rev = :rev where org_id = :org_id
