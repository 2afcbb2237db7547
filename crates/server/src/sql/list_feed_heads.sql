select org_id, n from feed_head
