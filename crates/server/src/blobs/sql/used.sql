select count(*) as n
from blob_owner
where org_id = :org_id and hash = :hash and (unused_since is null or unused_since > :before)
