select id, revoked_at from device where org_id = :org_id and user_id = :user_id and public_key = :public_key
