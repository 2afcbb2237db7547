update blob_upload set chunks = :chunks where org_id = :org_id and id = :id
