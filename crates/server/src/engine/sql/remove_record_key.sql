delete from record_key where org_id = :org_id and kind = :kind and value = :value and id = :id
