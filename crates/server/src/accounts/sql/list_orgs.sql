select org_id, name, created_at from org order by created_at, org_id
