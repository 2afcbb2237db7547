insert into audit (at, author, device, action, entity, record, fields)
values (:at, :author, :device, :action, :entity, :record, :fields)
