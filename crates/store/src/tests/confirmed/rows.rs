//! Rows of the server with this laptop's own edits on top.

use super::super::support::{Laptop, NOW, contact, customer, own_field};
use super::super::{raw, versions};
use super::*;

#[test]
fn a_pulled_record_is_found_listed_and_neither_logged_nor_undone() {
    let laptop = Laptop::new();
    pulled(&laptop);
    let record = laptop.get("customer", ID);
    assert_eq!(
        (record.rev, record.root, record.updated_by, record.confirmed),
        (5, ID, Some(THEIRS), true)
    );
    assert_eq!(
        (record.created_at, record.updated_at),
        (NOW - 90_000, NOW - 60_000 + 5),
        "the time of the edit, not of the pull"
    );
    assert_eq!(laptop.found("customer", "hk"), [ID]);
    assert_eq!(count(&laptop, "log"), 0);
    assert!(laptop.steps().0.is_none());
    assert_eq!(count(&laptop, "base"), 0, "only of what is changed here");
}

#[test]
fn the_first_edit_keeps_the_servers_row_and_the_view_has_both() {
    let laptop = Laptop::new();
    let row = pulled(&laptop);
    laptop.set("customer", ID, "phone", "0755-26005678");
    laptop.set("customer", ID, "note", "常来");
    let before = known(&laptop, ID);
    assert_eq!(before.base, Some(row.clone()));
    assert_eq!(before.confirmed, Some((5, sum_of(&row).into())));
    assert_eq!(
        before.ops[0].base, 5,
        "the edit says which revision its author saw"
    );
    let mine = laptop.get("customer", ID);
    let mine_phone = mine.fields.text("phone").unwrap().to_owned();

    let theirs = of_the_server(
        ID,
        6,
        json!({"name": "华科技术", "phone": "+8675526009999"}),
    );
    let mut shown = of_the_server(
        ID,
        6,
        json!({"name": "华科技术", "phone": mine_phone, "note": "常来"}),
    );
    (shown.updated_at, shown.updated_by) = (mine.updated_at, mine.updated_by);
    confirm_with(&laptop, theirs.clone(), shown);
    let record = laptop.get("customer", ID);
    assert_eq!(record.fields.text("name"), Some("华科技术"));
    assert_eq!(record.fields.value("alias"), &Value::Null);
    assert_eq!(record.fields.text("phone"), Some(mine_phone.as_str()));
    assert_eq!(
        (record.rev, record.updated_by, record.updated_at),
        (6, mine.updated_by, mine.updated_at)
    );
    let kept = versions(&laptop, "customer", ID);
    assert_eq!(
        kept.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["note", "phone"]
    );
    assert_eq!(kept["phone"][2], json!(laptop.user));
    assert_eq!(laptop.found("customer", "5678"), [ID]);
    assert!(laptop.found("customer", "9999").is_empty());
    assert_eq!(laptop.found("customer", "hkjs"), [ID]);
    assert_eq!(known(&laptop, ID).base, Some(theirs));

    // Answered, and pulled as the server took it.
    let end = of_the_server(ID, 7, json!({"name": "华科技术", "phone": mine_phone}));
    let writes = SyncWrites {
        ops: answered(&laptop, ID),
        records: vec![RecordWrite {
            id: ID,
            confirmed: Some((end.clone(), 9.into())),
            shown: Some(end.clone()),
            purged: false,
        }],
        ..SyncWrites::default()
    };
    write(&laptop, writes);
    assert_eq!(versions(&laptop, "customer", ID), Json::Null);
    assert_eq!(count(&laptop, "base"), 0);
    let after = known(&laptop, ID);
    assert_eq!(
        (after.base, after.confirmed, after.ops),
        (Some(end), Some((7, 9.into())), vec![])
    );
}

#[test]
fn an_op_that_is_sent_again_keeps_the_servers_row_first() {
    // §7.1: it was over, and the restored server forgot it.
    let laptop = Laptop::new();
    let row = pulled(&laptop);
    laptop.set("customer", ID, "alias", "乙");
    let mut over = answered(&laptop, ID);
    let writes = SyncWrites {
        ops: over.clone(),
        records: vec![RecordWrite {
            id: ID,
            confirmed: None,
            shown: Some(row.clone()),
            purged: false,
        }],
        ..SyncWrites::default()
    };
    write(&laptop, writes);
    assert_eq!(count(&laptop, "base"), 0);
    over[0].state = OpState::Pending;
    over[0].was = Some("[7]".to_owned());
    over[0].op_seq = 0;
    let mut shown = row.clone();
    shown.fields.insert("alias".to_owned(), json!("乙"));
    let writes = SyncWrites {
        ops: over,
        doubted: vec![ID],
        records: vec![RecordWrite {
            id: ID,
            confirmed: None,
            shown: Some(shown),
            purged: false,
        }],
        ..SyncWrites::default()
    };
    write(&laptop, writes);
    let after = known(&laptop, ID);
    assert_eq!(after.base, Some(row.clone()));
    assert_eq!(
        after.confirmed,
        Some((0, sum_of(&row).into())),
        "any row is newer"
    );
    assert_eq!(
        (after.ops[0].was.as_deref(), after.ops[0].op_seq),
        (Some("[7]"), 0)
    );
    assert_eq!(laptop.get("customer", ID).fields.text("alias"), Some("乙"));
}

#[test]
fn a_pending_deletion_and_a_pending_move_are_shown_until_they_are_answered() {
    let laptop = Laptop::new();
    pulled(&laptop);
    let other = laptop.add(customer("深蓝"));
    let person = Uuid::from_u128(0x55);
    let of_person = |rev, name: &str, customer: Uuid| ServerRow {
        entity: "contact".to_owned(),
        root: customer,
        ..of_the_server(person, rev, json!({"name": name, "customer": customer}))
    };
    confirm(&laptop, of_person(5, "王芳", ID));
    laptop.set("contact", person, "customer", other);
    laptop.remove("customer", ID);
    confirm_with(
        &laptop,
        of_person(6, "王芳芳", ID),
        of_person(6, "王芳芳", other),
    );
    let renamed = of_the_server(ID, 6, json!({"name": "华科技术"}));
    let deleted = ServerRow {
        deleted: Some(NOW),
        ..renamed.clone()
    };
    confirm_with(&laptop, renamed, deleted);
    let record = laptop.get("contact", person);
    assert_eq!(
        (record.fields.id("customer"), record.root),
        (Some(other), other),
        "the reference and the root agree"
    );
    assert_eq!(record.fields.text("name"), Some("王芳芳"));
    assert_eq!(laptop.get("customer", ID).deleted_at, Some(NOW));
    assert_eq!(laptop.found("contact", "wff"), [person]);
}

#[test]
fn doubted_rows_come_in_the_order_that_the_server_sent_them_in() {
    // §7.7: a change that waits does not move a row among them.
    let laptop = Laptop::new();
    pulled(&laptop);
    let row_of = |id: u128, customer: Option<Uuid>| {
        let id = Uuid::from_u128(id);
        let mut fields = json!({"name": "王芳"});
        if let Some(customer) = customer {
            fields["customer"] = json!(customer);
        }
        ServerRow {
            entity: "contact".to_owned(),
            root: customer.unwrap_or(id),
            ..of_the_server(id, 5, fields)
        }
    };
    // The first is moved below the customer, the second out of it.
    let rows = [
        row_of(0xaa, None),
        row_of(0x11, Some(ID)),
        row_of(0x22, Some(ID)),
    ];
    for row in &rows {
        let held = Membership {
            generation: 1,
            leaving: false,
        };
        let seal = Seal {
            sum: sum_of(row),
            proof: Some(7),
        };
        let pulled = SyncWrites {
            scopes: vec![(MINE, row.id, Some(held))],
            records: vec![RecordWrite {
                id: row.id,
                confirmed: Some((row.clone(), seal)),
                shown: Some(row.clone()),
                purged: false,
            }],
            ..SyncWrites::default()
        };
        write(&laptop, pulled);
    }
    laptop.set("contact", rows[0].id, "customer", ID);
    laptop.set("contact", rows[1].id, "customer", Value::Null);
    let doubted = SyncWrites {
        doubted: rows.iter().map(|row| row.id).collect(),
        ..SyncWrites::default()
    };
    write(&laptop, doubted);
    let beyond = |below, id| {
        let found = laptop
            .store()
            .read(|reader| reader.doubted((below, id), 10))
            .unwrap();
        found.into_iter().map(|(row, _)| row).collect::<Vec<_>>()
    };
    assert_eq!(beyond(false, Uuid::nil()), rows);
    assert_eq!(beyond(false, rows[0].id), rows[1..]);
    assert_eq!(beyond(true, rows[1].id), rows[2..]);
}

#[test]
fn a_deletion_by_the_server_hides_the_record_and_a_later_revision_brings_it_back() {
    let laptop = Laptop::new();
    let row = pulled(&laptop);
    let person = laptop.add(contact("王芳", ID));
    let deleted = ServerRow {
        deleted: Some(NOW - 5),
        rev: 6,
        ..row.clone()
    };
    confirm(&laptop, deleted);
    assert_eq!(laptop.get("customer", ID).deleted_at, Some(NOW - 5));
    assert!(laptop.found("contact", "王芳").is_empty());
    confirm(&laptop, ServerRow { rev: 7, ..row });
    assert_eq!(laptop.found("contact", "王芳"), [person]);
}

#[test]
fn no_rule_of_this_laptop_stops_a_pull_and_no_value_of_a_row_is_lost() {
    // §5.7, R37: what this version cannot keep in a column comes back as it came.
    let laptop = Laptop::new();
    let local = laptop.add(customer("甲").number("CUST-2026-007"));
    let own = laptop
        .store()
        .transact(Write::upkeep(), |door| {
            own_field("customer", "人数", "number").add(door)
        })
        .unwrap()
        .value;
    let fields = json!({
        "name": "乙",
        "alias": "长".repeat(5_000),
        "phone": "call me",
        "number": "CUST-2026-007",
        "owner": "nobody",
        "region": "990000",
        "annual_value": [12_345, "CNY"],
        "tags": [Uuid::from_u128(9), Uuid::from_u128(2)],
        "fax_of_2029": {"area": "0755", "number": [1, 2]},
        own.to_string(): 12,
        Uuid::from_u128(5).to_string(): "a field whose definition comes later",
    });
    let row = of_the_server(ID, 1, fields);
    confirm(&laptop, row.clone());
    assert_eq!(known(&laptop, ID).base, Some(row.clone()));
    let record = laptop.get("customer", ID);
    for (key, value) in [
        ("phone", Value::from("call me")),
        ("number", Value::from("CUST-2026-007")),
        ("owner", Value::Null),
        ("annual_value", Value::yuan(12_345)),
        ("tags", Value::ids([Uuid::from_u128(2), Uuid::from_u128(9)])),
        (own.to_string().as_str(), Value::Number(12.0)),
    ] {
        assert_eq!(record.fields.value(key), &value, "{key}");
    }
    assert_eq!(
        laptop.get("customer", local).fields.text("number"),
        Some("CUST-2026-007")
    );
    // An edit of this version takes nothing away.
    laptop.set("customer", ID, "alias", "乙");
    let key = ketu_model::FieldKey::from(own.to_string());
    laptop
        .write(|door| door.update("customer", ID, Fields::new().with(key, 13.0)))
        .unwrap();
    assert_eq!(known(&laptop, ID).base, Some(row));
    let custom: String = raw(&laptop)
        .query_row("select custom from customer where id = ?1", [ID], |row| {
            row.get(0)
        })
        .unwrap();
    let custom: BTreeMap<String, Json> = serde_json::from_str(&custom).unwrap();
    assert_eq!(custom["fax_of_2029"]["number"], json!([1, 2]));
    assert_eq!(custom["owner"], json!("nobody"));
}

#[test]
fn a_kind_of_record_of_a_later_version_is_kept_as_it_came() {
    let laptop = Laptop::new();
    let row = ServerRow {
        entity: "warranty".to_owned(),
        ..of_the_server(ID, 3, json!({"until": "2031-01-01"}))
    };
    assert_eq!(confirm(&laptop, row.clone()), []);
    let found = known(&laptop, ID);
    assert_eq!(found.confirmed, Some((3, sum_of(&row).into())));
    assert_eq!(found.base, Some(row));
    let purge = RecordWrite {
        id: ID,
        confirmed: None,
        shown: None,
        purged: true,
    };
    write(
        &laptop,
        SyncWrites {
            records: vec![purge],
            ..SyncWrites::default()
        },
    );
    assert_eq!(count(&laptop, "parked"), 0);
}

#[test]
fn a_number_that_the_server_sent_is_not_given_again() {
    let laptop = Laptop::new();
    confirm(
        &laptop,
        of_the_server(ID, 1, json!({"name": "甲", "number": "CUST-2026-001"})),
    );
    let id = laptop.add(customer("乙"));
    assert_eq!(
        laptop.get("customer", id).fields.text("number"),
        Some("CUST-2026-002")
    );
}

#[test]
fn the_same_row_again_changes_nothing() {
    let laptop = Laptop::new();
    let row = pulled(&laptop);
    laptop.set("customer", ID, "alias", "乙");
    let (before, kept) = (
        laptop.get("customer", ID),
        versions(&laptop, "customer", ID),
    );
    let mut shown = row.clone();
    shown.fields.insert("alias".to_owned(), json!("乙"));
    (shown.updated_at, shown.updated_by) = (before.updated_at, before.updated_by);
    confirm_with(&laptop, row, shown);
    assert_eq!(laptop.get("customer", ID), before);
    assert_eq!(versions(&laptop, "customer", ID), kept);
    assert_ne!(kept, Json::Null);
}

#[test]
fn after_an_upgrade_what_was_parked_has_its_place() {
    let mut laptop = Laptop::new();
    confirm(
        &laptop,
        of_the_server(ID, 1, json!({"name": "甲", "owner": "nobody"})),
    );
    let warranty = ServerRow {
        entity: "warranty".to_owned(),
        ..of_the_server(Uuid::from_u128(7), 3, json!({"name": "后来的客户"}))
    };
    confirm(&laptop, warranty);
    // As an older version would have left it: it knew neither the field nor the kind of record.
    let older = raw(&laptop);
    laptop.close();
    older
        .execute_batch(
            r#"update door set open = 1;
            update customer set custom = json_set(custom, '$.website', 'https://example.com', '$.fax', '1');
            update parked set entity = 'customer', row = json_set(row, '$.entity', 'customer');
            update door set open = 0;
            delete from meta where key = 'taken_up';"#,
        )
        .unwrap();
    drop(older);
    laptop.open().unwrap();
    let record = laptop.get("customer", ID);
    assert_eq!(record.fields.text("website"), Some("https://example.com"));
    let fields =
        json!({"name": "甲", "owner": "nobody", "website": "https://example.com", "fax": "1"});
    assert_eq!(known(&laptop, ID).base, Some(of_the_server(ID, 1, fields)));
    assert_eq!(laptop.found("customer", "后来的客户"), [Uuid::from_u128(7)]);
    assert_eq!(count(&laptop, "parked"), 0);
}
