select secret, public from org_key where org_id = :org_id
