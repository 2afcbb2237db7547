select name, last from series where org_id = :org_id and name in (:names...)
