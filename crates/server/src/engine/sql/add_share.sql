insert into share (org_id, root_id, user_id, reason, level)
values (:org_id, :root_id, :user_id, :reason, :level)
