select u.role, u.disabled_at, d.revoked_at, k.secret
from device d
join account u on u.org_id = d.org_id and u.id = d.user_id
left join org_key k on k.org_id = d.org_id
where d.org_id = :org_id and d.id = :device_id and u.id = :user_id
