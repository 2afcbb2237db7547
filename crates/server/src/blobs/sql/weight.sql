select
  (select cast(coalesce(sum(size), 0) as bigint) from blob where org_id = :org_id) as kept,
  (select cast(coalesce(sum(size), 0) as bigint) from blob_upload where org_id = :org_id) as coming
