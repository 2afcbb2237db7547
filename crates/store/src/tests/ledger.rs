//! What stands in the file after each kind of write: the log row of DESIGN §3, field versions, the
//! audit, and guards against whoever does not come through the door.

#![allow(clippy::unwrap_used)]

use ketu_model::{Fields, Value};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::support::{Laptop, NOW, contact, customer, own_field};
use super::{raw, versions};
use crate::Write;

/// One row of the log with all its columns, ids as text.
fn log(laptop: &Laptop) -> Vec<Json> {
    let connection = raw(laptop);
    let mut statement = connection
        .prepare("select * from log order by local_seq")
        .unwrap();
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let rows = statement.query_map([], |row| {
        let cells = names.iter().enumerate().map(|(at, name)| {
            let cell = match row.get(at)? {
                rusqlite::types::Value::Null => Json::Null,
                rusqlite::types::Value::Integer(n) => json!(n),
                rusqlite::types::Value::Real(n) => json!(n),
                rusqlite::types::Value::Text(text) if name == "patch" => {
                    serde_json::from_str(&text).unwrap()
                }
                rusqlite::types::Value::Text(text) => json!(text),
                rusqlite::types::Value::Blob(bytes) => json!(Uuid::from_slice(&bytes).unwrap()),
            };
            Ok((name.clone(), cell))
        });
        cells
            .collect::<rusqlite::Result<serde_json::Map<_, _>>>()
            .map(Json::Object)
    });
    rows.unwrap().map(Result::unwrap).collect()
}

#[test]
fn each_kind_of_operation_is_logged_in_full() {
    // B2, DESIGN §3: the row that synchronisation will send.
    let laptop = Laptop::new();
    let user = laptop.user;
    let company = laptop.add(customer("华科").worth(9_900));
    let other = laptop.add(customer("深蓝"));
    let person = laptop
        .write(|door| contact("王芳", company).add(door))
        .unwrap();
    let import = Write {
        origin: "import:7".to_owned(),
        ..Write::form(user, "import")
    };
    let patch = Fields::new().with("title", "经理").with("customer", other);
    let update = laptop
        .store()
        .transact(import, |door| door.update("contact", person.value, patch))
        .unwrap();
    let delete = laptop
        .write(|door| door.remove("contact", person.value))
        .unwrap();
    let undo = laptop.undo().unwrap();

    let rows = log(&laptop);
    let columns: Vec<&String> = rows[0].as_object().unwrap().keys().collect();
    let mut expected = [
        "local_seq",
        "op_id",
        "tx_id",
        "entity",
        "record",
        "root",
        "kind",
        "patch",
        "base_rev",
        "hlc",
        "author",
        "device",
        "origin",
        "schema_v",
        "state",
        "seen",
        "atomic",
        "chain",
        "op_seq",
        "seq",
        "outcome",
        "was",
        "carrier",
        "other",
        "lost",
        "attention",
    ];
    expected.sort_unstable();
    assert_eq!(columns, expected.iter().collect::<Vec<_>>());

    let device = laptop.store().device();
    let told: Vec<Json> = rows
        .iter()
        .map(|row| {
            for (key, value) in [
                ("author", json!(user)),
                ("device", json!(device)),
                ("schema_v", json!(ketu_model::catalog::SCHEMA_VERSION)),
                ("state", json!("pending")),
                ("base_rev", json!(0)),
                ("seen", json!(0)),
            ] {
                assert_eq!(row[key], value, "{key} of {row}");
            }
            assert_eq!(
                row["op_id"]
                    .as_str()
                    .unwrap()
                    .parse::<Uuid>()
                    .unwrap()
                    .get_version_num(),
                7
            );
            json!([
                row["kind"],
                row["entity"],
                row["record"],
                row["root"],
                row["tx_id"],
                row["origin"]
            ])
        })
        .collect();
    let undone = format!("undo:{}", delete.tx);
    assert_eq!(
        told[2..],
        [
            json!([
                "create",
                "contact",
                person.value,
                company,
                person.tx,
                "form"
            ]),
            json!([
                "update",
                "contact",
                person.value,
                company,
                update.tx,
                "import:7"
            ]),
            json!([
                "transfer",
                "contact",
                person.value,
                other,
                update.tx,
                "import:7"
            ]),
            json!(["delete", "contact", person.value, other, delete.tx, "form"]),
            json!(["restore", "contact", person.value, other, undo.tx, undone]),
        ]
    );
    assert_eq!(
        rows[0]["patch"],
        json!({
            "name": [null, "华科"], "annual_value": [null, [9_900, "CNY"]], "owner": [null, user], "number": [null, "CUST-2026-001"],
        })
    );
    assert_eq!(rows[3]["patch"], json!({ "title": [null, "经理"] }));
    assert_eq!(rows[4]["patch"], json!({ "customer": [company, other] }));
    assert_eq!(rows[5]["patch"], json!({ "deleted_at": [null, NOW] }));
    assert_eq!(rows[6]["patch"], json!({ "deleted_at": [NOW, null] }));
    let stamps: Vec<i64> = rows
        .iter()
        .map(|row| row["hlc"].as_i64().unwrap())
        .collect();
    assert!(stamps.windows(2).all(|pair| pair[0] < pair[1]) && stamps[0] >> 16 == NOW);
}

#[test]
fn upkeep_leaves_no_trace_in_log_and_undo() {
    let laptop = Laptop::new();
    let id = laptop
        .store()
        .transact(Write::upkeep(), |door| customer("华科").add(door))
        .unwrap()
        .value;
    laptop
        .store()
        .transact(Write::upkeep(), |door| door.remove("customer", id))
        .unwrap();
    assert_eq!(log(&laptop), Vec::<Json>::new());
    assert!(laptop.steps().0.is_none());
}

#[test]
fn a_field_that_changed_since_overrides_its_records_version() {
    let laptop = Laptop::new();
    let id = laptop.add(customer("华科"));
    assert_eq!(
        versions(&laptop, "customer", id),
        Json::Null,
        "one version for the whole record"
    );
    laptop.set("customer", id, "alias", "甲");
    laptop.set("customer", id, "address", "科技园");
    laptop.set("customer", id, "alias", "乙");
    laptop.remove("customer", id);
    let stamps: Vec<Json> = log(&laptop).iter().map(|row| row["hlc"].clone()).collect();
    assert_eq!(
        versions(&laptop, "customer", id),
        json!({
            "alias": [0, stamps[3], laptop.user],
            "address": [0, stamps[2], laptop.user],
            "deleted_at": [0, stamps[4], laptop.user],
        })
    );
}

#[test]
fn whoever_does_not_come_through_the_door_writes_nothing() {
    let laptop = Laptop::new();
    let id = laptop.add(customer("华科"));
    let stranger = raw(&laptop);
    let statements = [
        "update customer set name = 'x'",
        "delete from customer",
        "insert into tag (id, root_id, hlc, created_at, updated_at, name) values (randomblob(16), randomblob(16), 0, 0, 0, 'x')",
        "update log set state = 'done'",
        "delete from log",
        "insert into log (op_id, tx_id, entity, record, root, kind, patch, base_rev, hlc, device, origin, schema_v, state) \
         select op_id, tx_id, entity, record, root, kind, patch, 0, 0, device, '', 1, '' from log",
        "insert into held values (1, randomblob(16), 0, 0)",
        "insert into base values (randomblob(16), '')",
        "insert into sync_state values (1, randomblob(16), 0, 0, '')",
    ];
    let before = (laptop.get("customer", id), log(&laptop));
    for statement in statements {
        let refused = stranger.execute(statement, []).unwrap_err().to_string();
        assert!(
            refused.contains("not written through the door"),
            "{statement}: {refused}"
        );
    }
    assert_eq!((laptop.get("customer", id), log(&laptop)), before);
}

#[test]
fn the_audit_names_records_and_fields_without_values_and_is_never_rewritten() {
    let laptop = Laptop::new();
    laptop
        .write(|door| {
            let id = customer("华科").add(door)?;
            door.audit("export", "customer", Some(id), &["name", "phone"])
        })
        .unwrap();
    let connection = raw(&laptop);
    let row: (i64, String, String) = connection
        .query_row("select at, action, fields from audit", [], |row| {
            row.try_into()
        })
        .unwrap();
    assert_eq!(row, (NOW, "export".to_owned(), "name,phone".to_owned()));
    for statement in ["update audit set fields = ''", "delete from audit"] {
        let refused = connection.execute(statement, []).unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{refused}");
    }
}

#[test]
fn the_door_is_shut_after_a_transaction_whatever_became_of_it() {
    let laptop = Laptop::new();
    let connection = raw(&laptop);
    let is_open = || -> bool {
        let open = connection.query_row("select open from door", [], |row| row.get(0));
        open.unwrap()
    };
    laptop.add(customer("华科"));
    assert!(!is_open());
    laptop
        .write(|door| door.remove("customer", Uuid::nil()))
        .unwrap_err();
    assert!(!is_open());
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        laptop.write(|_| -> crate::Result<()> { panic!("a fault in a command") })
    }));
    assert!(panicked.is_err() && !is_open());
}

#[test]
fn rows_of_interactions_lie_in_the_order_of_their_time() {
    let laptop = Laptop::new();
    let company = laptop.add(customer("华科"));
    let at = |summary: &str, at: i64| laptop.add(super::support::interaction(summary, company, at));
    let (later, earlier, same) = (at("后", NOW), at("前", NOW - 1), at("同时", NOW));
    let before_1970 = at("很早", -86_400_000);
    let rows = |ids: &[Uuid]| {
        ids.iter()
            .map(|id| laptop.get("interaction", *id).row)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        rows(&[later, same, earlier]),
        [NOW << 20, NOW << 20 | 1, (NOW - 1) << 20]
    );
    assert_eq!(rows(&[before_1970]), [-86_400_000 << 20]);
    let moved = laptop
        .write(|door| {
            door.update(
                "interaction",
                earlier,
                Fields::new().with("occurred_at", Value::Instant(NOW)),
            )
        })
        .unwrap();
    assert_eq!(
        (moved.changes[0].old_row, moved.changes[0].row),
        (Some((NOW - 1) << 20), NOW << 20 | 2)
    );
    let newest_first = laptop.list(&crate::Select::all("interaction"));
    let told: Vec<_> = newest_first
        .iter()
        .map(|record| record.fields.text("summary").unwrap())
        .collect();
    assert_eq!(told, ["前", "同时", "后", "很早"]);
    assert_eq!(laptop.found("interaction", "前"), [earlier]);
}

#[test]
fn a_committed_write_is_not_told_as_failed_where_the_users_own_fields_cannot_be_read_again() {
    let laptop = Laptop::new();
    let spoil = "update field_definition set name = cast(x'ff' as text)";
    let committed = laptop.write(|door| {
        let field = own_field("customer", "合同编号", "text").add(door)?;
        door.connection.execute(spoil, [])?;
        Ok(field)
    });
    let field = committed.unwrap().value;
    let known = |laptop: &Laptop| {
        let catalog = laptop.store().catalog();
        let customer = catalog.entity("customer").unwrap();
        customer.field(&field.to_string()).is_some()
    };
    assert!(!known(&laptop));
    laptop.write(|door| customer("华科").add(door)).unwrap_err();
    let mut mended = raw(&laptop);
    let transaction = mended.transaction().unwrap();
    crate::store::set_open(&transaction, true).unwrap();
    transaction
        .execute("update field_definition set name = '合同编号'", [])
        .unwrap();
    crate::store::set_open(&transaction, false).unwrap();
    transaction.commit().unwrap();
    laptop.add(customer("华科"));
    assert!(known(&laptop), "the next write read them again");
}

#[test]
fn the_outbox_and_the_log_of_a_record_are_read_by_their_indexes() {
    // An import leaves 100,000 pending rows, and years of work a million that are over.
    let laptop = Laptop::new();
    let connection = raw(&laptop);
    for (sql, index) in [
        (include_str!("../sql/ops_of_record.sql"), "log_record"),
        (include_str!("../sql/live_versions.sql"), "log_record"),
        (include_str!("../sql/chain.sql"), "log_record"),
        (include_str!("../sql/unsynced.sql"), "log_record"),
        (include_str!("../sql/own_op.sql"), "log_record"),
        (include_str!("../sql/purge_log.sql"), "log_record"),
        (include_str!("../sql/history.sql"), "log_record"),
        (include_str!("../sql/history_below.sql"), "log_record"),
        (include_str!("../sql/ops_pending.sql"), "log_live"),
        (include_str!("../sql/ops_sent.sql"), "log_live"),
        (include_str!("../sql/ops_unanswered.sql"), "log_live"),
        (include_str!("../sql/ops_of_tx.sql"), "log_live"),
        (include_str!("../sql/ops_live_after.sql"), "log_live"),
        (include_str!("../sql/places_unanswered.sql"), "log_live"),
        (include_str!("../sql/places_carried.sql"), "log_carrier"),
        (include_str!("../sql/count_unanswered.sql"), "log_live"),
        (include_str!("../sql/waiting.sql"), "log_live"),
        (include_str!("../sql/waiting.sql"), "held_leaving"),
        (include_str!("../sql/ops_attention.sql"), "log_attention"),
        ("select record from log where carrier = ?1", "log_carrier"),
        (
            "select 1 from log where state in ('pending', 'sent', 'answered')",
            "log_live",
        ),
        (
            "select scope, generation, leaving from held where id = ?1",
            "held_id",
        ),
    ] {
        let mut explain = connection
            .prepare(&format!("explain query plan {sql}"))
            .unwrap();
        for at in 1..=explain.parameter_count() {
            explain.raw_bind_parameter(at, 1).unwrap();
        }
        let mut rows = explain.raw_query();
        let mut plan = String::new();
        while let Some(row) = rows.next().unwrap() {
            plan.push_str(&row.get::<_, String>("detail").unwrap());
            plan.push('\n');
        }
        assert!(plan.contains(&format!("INDEX {index}")), "{sql}\n{plan}");
        assert!(!plan.contains("SCAN log\n"), "{sql}\n{plan}");
    }
}
