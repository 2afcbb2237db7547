insert into sync_state (one, incarnation, checkpoint, clock_offset, state)
values (1, ?1, ?2, ?3, ?4)
on conflict (one) do update set
  incarnation = excluded.incarnation,
  checkpoint = excluded.checkpoint,
  clock_offset = excluded.clock_offset,
  state = excluded.state
