insert into org (org_id, name, created_at) values (:org_id, :name, :created_at)
