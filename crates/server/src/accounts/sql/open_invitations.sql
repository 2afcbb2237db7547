select id, code_hash from invitation
where org_id = :org_id and user_id = :user_id and used_at is null and expires_at > :now
