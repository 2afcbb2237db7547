insert or fail into log (
  op_id, tx_id, entity, record, root, kind, patch, base_rev, hlc, author, device, origin, schema_v, seen, atomic,
  chain, was, carrier, other, state
) values (
  :op, :tx, :entity, :record, :root, :kind, :patch, :base, :hlc, :author, :device, :origin, :schema, :seen, :atomic,
  :chain, :was, :carrier, :other, 'pending'
)
