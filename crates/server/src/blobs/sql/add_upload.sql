insert into blob_upload (org_id, id, hash, size, record_id, user_id, device_id, chunks, touched_at)
values (:org_id, :id, :hash, :size, :record_id, :user_id, :device_id, :chunks, :touched_at)
