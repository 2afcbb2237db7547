update token set replaced_at = :now, confirmed_at = coalesce(confirmed_at, :now)
where org_id = :org_id and id = :id
