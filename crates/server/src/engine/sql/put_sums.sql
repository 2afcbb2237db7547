insert into scope_sum (org_id, scope, sums) values (:org_id, :scope, :sums)
on conflict (org_id, scope) do update set sums = excluded.sums
