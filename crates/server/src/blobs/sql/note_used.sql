update blob_owner set unused_since = null
where org_id = :org_id and unused_since is not null and exists (
  select 1 from record
  where record.org_id = blob_owner.org_id and record.id = blob_owner.record_id and record.deleted is null
)
