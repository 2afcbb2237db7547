insert into blob (org_id, hash, size, added_at)
values (:org_id, :hash, :size, :now)
on conflict (org_id, hash) do update set added_at = blob.added_at
