insert into device (org_id, id, user_id, name, public_key, enrolled_at, seen_at)
values (:org_id, :id, :user_id, :name, :public_key, :now, :now)
