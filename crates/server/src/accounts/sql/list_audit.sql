select seq, at, actor_id, device_id, action, subject_id, detail, prev, hash
from audit
where org_id = :org_id and seq > :after
order by seq
limit :page
