select org_id, hash, size
from blob
where exists (
  select 1 from blob_owner
  where blob_owner.org_id = blob.org_id and blob_owner.hash = blob.hash and blob_owner.unused_since is null
)
order by org_id, hash
