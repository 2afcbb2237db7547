insert or fail into log (
  op_id, tx_id, entity, record, root, kind, patch, base_rev, hlc, author, device, origin, schema_v, seq, lost, state
) values (
  :op, :tx, :entity, :record, :root, :kind, :patch, 0, :hlc, :author, :writer, :origin, 0, :seq, :lost, 'history'
)
