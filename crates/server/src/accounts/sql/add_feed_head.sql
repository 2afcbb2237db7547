insert into feed_head (org_id, n) values (:org_id, 0)
