select hash
from blob
where org_id = :org_id and not exists (
  select 1 from blob_owner
  where blob_owner.org_id = blob.org_id and blob_owner.hash = blob.hash
    and (blob_owner.unused_since is null or blob_owner.unused_since > :before)
)
