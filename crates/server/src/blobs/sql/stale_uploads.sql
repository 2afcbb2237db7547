select org_id, id from blob_upload where touched_at < :before
