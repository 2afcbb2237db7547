//! Forms that are open while a pull changes their record.

use ketu_sync::record::Row;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::desk::{Desk, ME, customer};

const A: Uuid = Uuid::from_u128(0xa1);

/// Opened at rev 31, and changed by a colleague at rev 45.
fn changed_below(fields: Json) -> (Desk, Json) {
    let mut desk = Desk::new();
    desk.pull(40, vec![customer(A, 31, "华科")], &[]);
    let form = desk.shown("get", json!({"entity": "customer", "id": A}));
    let mut row = customer(A, 45, "华科");
    for (key, value) in fields.as_object().unwrap() {
        row.fields.insert(key.clone(), value.clone());
    }
    desk.pull(50, vec![Row { ..row }], &[]);
    let base = json!({"rev": form["rev"], "fields": form["fields"]});
    (desk, base)
}

#[test]
fn an_edit_made_in_an_open_form_says_what_its_author_saw() {
    let (mut desk, base) = changed_below(json!({"alias": "科"}));
    assert_eq!(base["rev"], 31);
    let fields = json!({"alias": "华科技术", "phone": "0755-26001234"});
    let edit = json!({"entity": "customer", "id": A, "fields": fields, "base": base});
    desk.shown("update", edit);
    assert_eq!(
        desk.text("customer", A, "alias").as_deref(),
        Some("华科技术")
    );
    let op = &desk.push().unwrap().ops[0];
    assert_eq!(op.base, 31);
    assert_eq!(op.patch["alias"], (Json::Null, json!("华科技术")));
    assert!(op.chain.is_empty());
    desk.check();
}

#[test]
fn a_note_edited_by_two_becomes_one_and_a_form_of_today_is_an_ordinary_edit() {
    let (mut desk, base) = changed_below(json!({"note": "常来\n付款慢"}));
    let fields = json!({"note": "周一常来"});
    let edit = json!({"entity": "customer", "id": A, "fields": fields, "base": base});
    desk.shown("update", edit);
    let note = desk.text("customer", A, "note").unwrap();
    assert!(
        note.contains("付款慢") && note.contains("周一常来"),
        "{note}"
    );
    let form = desk.shown("get", json!({"entity": "customer", "id": A}));
    let base = json!({"rev": form["rev"], "fields": form["fields"]});
    let fields = json!({"alias": "科"});
    let edit = json!({"entity": "customer", "id": A, "fields": fields, "base": base});
    desk.shown("update", edit);
    let ops = desk.push().unwrap().ops;
    assert_eq!((ops[1].base, ops[1].author), (45, Some(ME)));
}
