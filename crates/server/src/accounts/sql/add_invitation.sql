insert into invitation (org_id, id, user_id, code_hash, created_at, expires_at)
values (:org_id, :id, :user_id, :code_hash, :created_at, :expires_at)
