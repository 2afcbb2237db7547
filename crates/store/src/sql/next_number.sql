insert into number_series (series, last) values (?1, 1)
on conflict (series) do update set last = last + 1
returning last
