select id, hash, size, record_id, chunks
from blob_upload
where org_id = :org_id and device_id = :device_id
