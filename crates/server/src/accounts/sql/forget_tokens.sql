delete from token where org_id = :org_id and refresh_until < :before
