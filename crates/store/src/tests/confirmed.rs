//! The confirmed mode: the server's rows with this laptop's own edits on top, as the engine works them out
//! (docs/sync-protocol.md §5).

#![allow(clippy::unwrap_used)]
#![allow(
    clippy::redundant_closure_for_method_calls,
    reason = "the methods themselves are not general over the reader's lifetime"
)]

use std::collections::BTreeMap;

use ketu_model::authorize::Scope;
use ketu_model::clock::Hlc;
use ketu_model::{Fields, Value};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::support::{Draft, Laptop, NOW, contact, customer, own_field};
use super::{raw, versions};
use crate::sync::{
    KnownRecord, Membership, OpMark, OpState, RecordWrite, ServerRow, SyncState, SyncWrites, Told,
};
use crate::{Change, Write};

const THEIRS: Uuid = Uuid::from_u128(0x77);
const ID: Uuid = Uuid::from_u128(0x99);
const MINE: Scope = Scope::Owner(THEIRS);

fn of_the_server(id: Uuid, rev: i64, fields: Json) -> ServerRow {
    ServerRow {
        entity: "customer".to_owned(),
        id,
        root: id,
        rev,
        created_at: NOW - 90_000,
        created_by: Some(THEIRS),
        updated_at: NOW - 60_000 + rev,
        updated_by: Some(THEIRS),
        deleted: None,
        fields: serde_json::from_value(fields).unwrap(),
    }
}

/// Its sum is for the engine to make; any number does here.
fn sum_of(row: &ServerRow) -> u128 {
    u128::try_from(row.rev).unwrap() << 64 | row.id.as_u128()
}

fn write(laptop: &Laptop, writes: SyncWrites) -> Vec<Change> {
    laptop
        .store()
        .transact(Write::confirmed(), |door| door.write_sync(writes))
        .unwrap()
        .changes
}

/// The server's row, and what the engine makes of it with the laptop's own edits.
fn confirm_with(laptop: &Laptop, row: ServerRow, shown: ServerRow) -> Vec<Change> {
    let sum = sum_of(&row);
    let held = Membership {
        generation: 1,
        leaving: false,
    };
    let writes = SyncWrites {
        scopes: vec![(MINE, row.id, Some(held))],
        records: vec![RecordWrite {
            id: row.id,
            confirmed: Some((row, sum)),
            shown: Some(shown),
            purged: false,
        }],
        ..SyncWrites::default()
    };
    write(laptop, writes)
}

fn confirm(laptop: &Laptop, row: ServerRow) -> Vec<Change> {
    confirm_with(laptop, row.clone(), row)
}

/// A customer that the server knows at revision 5.
fn pulled(laptop: &Laptop) -> ServerRow {
    let fields = json!({"name": "华科", "alias": "甲", "phone": "+8675526001234"});
    let row = of_the_server(ID, 5, fields);
    confirm(laptop, row.clone());
    row
}

fn known(laptop: &Laptop, id: Uuid) -> KnownRecord {
    laptop
        .store()
        .read(|reader| reader.lookup()?.record(id, None, true))
        .unwrap()
}

fn count(laptop: &Laptop, table: &str) -> i64 {
    raw(laptop)
        .query_row(&format!("select count(*) from {table}"), [], |row| {
            row.get(0)
        })
        .unwrap()
}

/// All ops of the laptop are over.
fn answered(laptop: &Laptop, id: Uuid) -> Vec<OpMark> {
    let ops = known(laptop, id).ops.into_iter();
    ops.map(|own| OpMark {
        op: own.op,
        record: own.record,
        op_seq: 1,
        again: false,
        state: OpState::Done,
        seq: Some(7),
        outcome: Some(r#"{"is":"applied"}"#.to_owned()),
        attention: false,
    })
    .collect()
}

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
    assert_eq!(before.confirmed, Some((5, sum_of(&row))));
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
            confirmed: Some((end.clone(), 9)),
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
        (Some(end), Some((7, 9)), vec![])
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
    over[0].again = true;
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
    assert_eq!(after.confirmed, Some((0, sum_of(&row))), "any row is newer");
    assert_eq!(
        (after.ops[0].again, after.ops[0].op_seq, after.ops[0].seq),
        (true, 0, Some(7))
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
    assert_eq!(found.confirmed, Some((3, sum_of(&row))));
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

fn interaction(id: Uuid, summary: &str) -> ServerRow {
    ServerRow {
        entity: "interaction".to_owned(),
        root: ID,
        ..of_the_server(
            id,
            5,
            json!({"customer": ID, "summary": summary, "occurred_at": NOW}),
        )
    }
}

#[test]
fn of_a_purged_record_nothing_remains_but_what_waits_for_a_persons_eyes() {
    // §5.5, R38
    let laptop = Laptop::new();
    pulled(&laptop);
    let visit = Uuid::from_u128(0x44);
    confirm(&laptop, interaction(visit, "看了新产线"));
    laptop.set("customer", ID, "alias", "乙");
    laptop.set("customer", ID, "phone", "0755-26005678");
    assert_eq!(laptop.found("interaction", "新产线"), [visit]);
    let mut over = answered(&laptop, ID);
    over[1].attention = true;
    over[1].seq = None;
    over[1].outcome = Some(r#"{"is":"rejected","code":"forbidden","field":null}"#.to_owned());
    let gone = |id| RecordWrite {
        id,
        confirmed: None,
        shown: None,
        purged: true,
    };
    let changes = write(
        &laptop,
        SyncWrites {
            ops: over,
            records: vec![gone(visit), gone(ID)],
            scopes: vec![(MINE, ID, None), (MINE, visit, None)],
            ..SyncWrites::default()
        },
    );
    assert_eq!(changes.len(), 2, "lists and search hear of it");
    for table in ["customer", "interaction", "base", "held"] {
        assert_eq!(count(&laptop, table), 0, "{table}");
    }
    assert!(laptop.found("customer", "华科").is_empty());
    assert!(laptop.found("interaction", "新产线").is_empty());
    assert_eq!(count(&laptop, "log"), 1);
    let attention = laptop.store().read(|reader| reader.attention()).unwrap();
    assert!(
        attention[0].patch["phone"]
            .1
            .as_str()
            .unwrap()
            .ends_with("5678"),
        "what was typed is there"
    );
    assert_eq!(known(&laptop, ID), KnownRecord::default());
}

fn draft(id: Uuid) -> Draft {
    customer("新来的").id(id)
}

#[test]
fn a_record_that_the_server_did_not_take_goes_from_the_lists() {
    let laptop = Laptop::new();
    laptop.add(draft(ID));
    let writes = SyncWrites {
        ops: answered(&laptop, ID),
        records: vec![RecordWrite {
            id: ID,
            confirmed: None,
            shown: None,
            purged: false,
        }],
        ..SyncWrites::default()
    };
    assert_eq!(write(&laptop, writes).len(), 1);
    assert_eq!(count(&laptop, "customer"), 0);
    // Of one that the server has, nothing to show means nothing new.
    let row = pulled(&laptop);
    let nothing = RecordWrite {
        id: ID,
        confirmed: None,
        shown: None,
        purged: false,
    };
    write(
        &laptop,
        SyncWrites {
            records: vec![nothing],
            ..SyncWrites::default()
        },
    );
    assert_eq!(known(&laptop, ID).base, Some(row));
}

#[test]
fn colleagues_changes_are_history_and_neither_outbox_nor_undo() {
    // decided (h), R43
    let laptop = Laptop::new();
    pulled(&laptop);
    laptop.set("customer", ID, "alias", "乙");
    let mine = known(&laptop, ID).ops.remove(0);
    let told = |op, field: &str, lost: &[&str]| Told {
        seq: 6,
        op,
        tx: Uuid::from_u128(6),
        entity: "customer".to_owned(),
        record: ID,
        root: ID,
        kind: "update".to_owned(),
        patch: BTreeMap::from([(field.to_owned(), (json!("甲"), json!("丙")))]),
        lost: lost.iter().map(|&field| field.to_owned()).collect(),
        hlc: Hlc::from_millis(NOW + 5),
        author: Some(THEIRS),
        writer: Uuid::from_u128(0xb0b),
        origin: "form".to_owned(),
    };
    let theirs = Uuid::from_u128(7);
    let writes = || SyncWrites {
        history: vec![
            told(theirs, "phone", &["phone"]),
            told(mine.op, "alias", &["alias"]),
        ],
        ..SyncWrites::default()
    };
    write(&laptop, writes());
    write(&laptop, writes());
    let record = ketu_model::RecordId(ID);
    let history = laptop
        .store()
        .read(|reader| reader.history(record))
        .unwrap();
    let told: Vec<_> = history
        .iter()
        .map(|row| {
            (
                row.op,
                row.author,
                row.state.as_str(),
                row.seq,
                row.lost.clone(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (
                theirs,
                Some(THEIRS),
                "history",
                Some(6),
                vec!["phone".to_owned()]
            ),
            (
                mine.op,
                Some(laptop.user),
                "pending",
                Some(6),
                vec!["alias".to_owned()]
            ),
        ]
    );
    let below = laptop
        .store()
        .read(|reader| reader.history_below(ID, i64::MAX, 9))
        .unwrap();
    assert_eq!(below.len(), 2);
    let unanswered = laptop.store().read(|reader| reader.unanswered()).unwrap();
    assert_eq!(
        unanswered.iter().map(|own| own.op).collect::<Vec<_>>(),
        [mine.op]
    );
    laptop.undo().unwrap();
    assert_eq!(laptop.get("customer", ID).fields.text("alias"), Some("甲"));
}

#[test]
fn edits_say_what_their_author_had_seen_by_the_servers_clock_and_sums_add_up() {
    let mut laptop = Laptop::new();
    let state = SyncState {
        incarnation: Uuid::from_u128(1),
        checkpoint: 40,
        clock_offset: 3_600_000,
        state: "{}".to_owned(),
    };
    let writes = |sum: u128| SyncWrites {
        state: Some(state.clone()),
        sums: vec![(MINE, 0x99, sum), (Scope::Org, 1, 5)],
        ..SyncWrites::default()
    };
    write(&laptop, writes(u128::MAX));
    write(&laptop, writes(3));
    let read = |laptop: &Laptop| {
        laptop
            .store()
            .read(|reader| {
                Ok::<_, crate::StoreError>((reader.sync_state()?, reader.scope_sums(MINE)?))
            })
            .unwrap()
    };
    let (kept, sums) = read(&laptop);
    assert_eq!((kept, sums[0x99], sums[0]), (Some(state.clone()), 2, 0));
    laptop.open().unwrap();
    assert_eq!(read(&laptop).0, Some(state));
    let id = laptop.add(customer("华科"));
    let own = known(&laptop, id).ops.remove(0);
    assert_eq!((own.seen, own.hlc.millis()), (40, NOW + 3_600_000));
}
