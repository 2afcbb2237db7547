delete from blob_upload where org_id = :org_id and id = :id
