update blob_upload set touched_at = :now
where org_id = :org_id and device_id = :device_id and id = :id
returning id, hash, size, record_id, chunks
