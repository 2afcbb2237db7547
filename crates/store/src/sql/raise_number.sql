insert into number_series (series, last) values (?1, ?2)
on conflict (series) do update set last = excluded.last
