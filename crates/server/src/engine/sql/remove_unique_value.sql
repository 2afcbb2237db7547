delete from unique_value
where org_id = :org_id and entity = :entity and field = :field and value = :value and id = :id
