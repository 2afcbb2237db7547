-- A row of the log fails before anything of it is written: nothing needs a journal to be taken back.
insert or fail into log (
  op_id, tx_id, entity, record, root, kind, patch, base_rev, hlc, author, device, origin, schema_v, state
) values (
  :op_id, :tx_id, :entity, :record, :root, :kind, :patch, :base_rev, :hlc, :author, :device, :origin, :schema_v,
  'pending'
)
