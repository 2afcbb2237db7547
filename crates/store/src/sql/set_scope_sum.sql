insert into scope_sum (scope, bucket, sum)
values (?1, ?2, ?3)
on conflict (scope, bucket) do update set sum = excluded.sum
