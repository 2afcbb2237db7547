insert into record (
  org_id, id, entity, root_id, rev, created_at, created_by, updated_at, updated_by, deleted, fields, versions
) values (
  :org_id, :id, :entity, :root_id, :rev, :created_at, :created_by, :updated_at, :updated_by, :deleted, :fields, :versions
)
on conflict (org_id, id) do update set
  entity = excluded.entity, root_id = excluded.root_id, rev = excluded.rev, created_at = excluded.created_at,
  created_by = excluded.created_by, updated_at = excluded.updated_at, updated_by = excluded.updated_by,
  deleted = excluded.deleted, fields = excluded.fields, versions = excluded.versions
