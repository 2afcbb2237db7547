update feed_head set rights_rev = :rev where org_id = :org_id
