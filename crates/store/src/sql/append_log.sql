-- A row of the log fails before anything of it is written: nothing needs a journal to be taken back.
insert or fail into log (
  op_id, tx_id, entity, record, root, kind, patch, base_rev, hlc, author, device, origin, schema_v, seen, atomic,
  chain, carrier, other, state
) values (
  ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, 'pending'
)
