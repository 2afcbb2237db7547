select org_id, n, rights_rev from feed_head
