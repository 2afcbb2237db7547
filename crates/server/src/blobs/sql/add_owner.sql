insert into blob_owner (org_id, hash, record_id, user_id, added_at)
values (:org_id, :hash, :record_id, :user_id, :added_at)
on conflict (org_id, hash, record_id) do nothing
