insert into org_key (org_id, secret, public, made_at)
values (:org_id, :secret, :public, :now)
on conflict (org_id) do nothing
