select record_id from blob_owner where org_id = :org_id and hash = :hash
