insert into answer (org_id, op_id, incarnation, at, answer)
values (:org_id, :op_id, :incarnation, :at, :answer)
on conflict (org_id, op_id) do update set incarnation = excluded.incarnation, at = excluded.at, answer = excluded.answer
