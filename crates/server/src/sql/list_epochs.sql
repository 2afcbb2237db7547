select org_id, id, floor, started_at from epoch
