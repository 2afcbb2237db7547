//! The confirmed mode: the server's state with this laptop's pending edits on top.

#![allow(clippy::unwrap_used)]

use ketu_model::clock::Hlc;
use ketu_model::{Fields, Value};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::support::{Laptop, NOW, contact, customer};
use super::{raw, versions};
use crate::{Change, ConfirmedRecord, StoreError, Write};

const THEIRS: Uuid = Uuid::from_u128(0x77);

fn of_the_server(id: Uuid, rev: i64, fields: Fields) -> ConfirmedRecord {
    ConfirmedRecord {
        entity: "customer".to_owned(),
        id,
        root: id,
        rev,
        hlc: Hlc::from_millis(NOW - 60_000 + rev),
        author: Some(THEIRS),
        deleted_at: None,
        fields,
    }
}

fn confirm(laptop: &Laptop, record: ConfirmedRecord) -> Vec<Change> {
    laptop
        .store()
        .transact(Write::confirmed(), |door| door.confirm(record))
        .unwrap()
        .changes
}

fn named(name: &str) -> Fields {
    Fields::new().with("name", name)
}

/// A customer that the server knows at revision 5.
fn pulled(laptop: &Laptop) -> Uuid {
    let id = Uuid::from_u128(0x99);
    confirm(
        laptop,
        of_the_server(
            id,
            5,
            named("华科")
                .with("alias", "甲")
                .with("phone", "0755-26001234"),
        ),
    );
    id
}

#[test]
fn a_pulled_record_is_found_listed_and_neither_logged_nor_undone() {
    let laptop = Laptop::new();
    let id = pulled(&laptop);
    let record = laptop.get("customer", id);
    assert_eq!(
        (record.rev, record.root, record.updated_by),
        (5, id, Some(THEIRS))
    );
    assert_eq!(
        record.updated_at,
        NOW - 60_000 + 5,
        "the time of the edit, not of the pull"
    );
    assert_eq!(laptop.found("customer", "hk"), [id]);
    let logged: i64 = raw(&laptop)
        .query_row("select count(*) from log", [], |row| row.get(0))
        .unwrap();
    assert_eq!(logged, 0);
    assert!(laptop.steps().0.is_none());
}

#[test]
fn an_older_revision_changes_nothing() {
    let laptop = Laptop::new();
    let id = pulled(&laptop);
    let before = laptop.get("customer", id);
    assert_eq!(confirm(&laptop, of_the_server(id, 4, named("旧名"))), []);
    assert_eq!(laptop.get("customer", id), before);
}

#[test]
fn a_newer_revision_replaces_what_is_not_pending_and_empties_what_the_server_emptied() {
    let laptop = Laptop::new();
    let id = pulled(&laptop);
    laptop.set("customer", id, "phone", "0755-26005678");
    let mine = laptop.get("customer", id);
    let base: i64 = raw(&laptop)
        .query_row("select base_rev from log", [], |row| row.get(0))
        .unwrap();
    assert_eq!(base, 5, "the edit says which revision its author saw");
    confirm(
        &laptop,
        of_the_server(id, 6, named("华科技术").with("phone", "0755-26009999")),
    );
    let record = laptop.get("customer", id);
    assert_eq!(record.fields.text("name"), Some("华科技术"));
    assert_eq!(record.fields.value("alias"), &Value::Null);
    assert!(
        record.fields.text("phone").unwrap().ends_with("5678"),
        "the pending edit stays on top"
    );
    assert_eq!(
        (record.rev, record.updated_by, record.updated_at),
        (6, mine.updated_by, mine.updated_at)
    );
    let kept = versions(&laptop, "customer", id);
    assert_eq!(
        kept.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["phone"]
    );
    assert_eq!(laptop.found("customer", "5678"), [id]);
    assert!(laptop.found("customer", "9999").is_empty());
    assert_eq!(laptop.found("customer", "hkjs"), [id]);
}

#[test]
fn a_pending_deletion_and_a_pending_move_stay_until_they_are_answered() {
    let laptop = Laptop::new();
    let (company, other) = (pulled(&laptop), laptop.add(customer("深蓝")));
    let person = Uuid::from_u128(0x55);
    let of_person = |rev, name: &str| ConfirmedRecord {
        entity: "contact".to_owned(),
        root: company,
        ..of_the_server(person, rev, named(name).with("customer", company))
    };
    confirm(&laptop, of_person(5, "王芳"));
    laptop.set("contact", person, "customer", other);
    laptop.remove("customer", company);
    confirm(&laptop, of_person(6, "王芳芳"));
    confirm(&laptop, of_the_server(company, 6, named("华科技术")));
    let record = laptop.get("contact", person);
    assert_eq!(
        (record.fields.id("customer"), record.root),
        (Some(other), other),
        "the reference and the root agree"
    );
    assert_eq!(record.fields.text("name"), Some("王芳芳"));
    assert_eq!(laptop.get("customer", company).deleted_at, Some(NOW));
    assert_eq!(laptop.found("contact", "wff"), [person]);
}

#[test]
fn a_deletion_by_the_server_hides_the_record_and_a_later_revision_brings_it_back() {
    let laptop = Laptop::new();
    let id = pulled(&laptop);
    let person = laptop.add(contact("王芳", id));
    let deleted = ConfirmedRecord {
        deleted_at: Some(NOW - 5),
        ..of_the_server(id, 6, named("华科"))
    };
    confirm(&laptop, deleted);
    assert_eq!(laptop.get("customer", id).deleted_at, Some(NOW - 5));
    assert!(laptop.found("contact", "王芳").is_empty());
    confirm(&laptop, of_the_server(id, 7, named("华科")));
    assert_eq!(laptop.found("contact", "王芳"), [person]);
}

#[test]
fn no_rule_of_this_laptop_stops_a_pull() {
    let laptop = Laptop::new();
    let local = laptop.add(customer("甲").number("CUST-2026-007"));
    let id = Uuid::from_u128(0x98);
    let fields = Fields::new()
        .with("alias", "长".repeat(5_000))
        .with("phone", "call me")
        .with("number", "CUST-2026-007")
        .with("owner", Uuid::from_u128(0xdead))
        .with("region", "990000");
    confirm(&laptop, of_the_server(id, 1, fields.clone()));
    let record = laptop.get("customer", id);
    for (key, value) in fields.iter() {
        assert_eq!(record.fields.value(key), value, "{key}");
    }
    assert_eq!(
        laptop.get("customer", local).fields.text("number"),
        Some("CUST-2026-007")
    );
    // Only what has no place in the column is an error.
    let misshapen = of_the_server(id, 2, Fields::new().with("owner", "nobody"));
    let refused = laptop
        .store()
        .transact(Write::confirmed(), |door| door.confirm(misshapen))
        .unwrap_err();
    assert!(matches!(refused, StoreError::Malformed { .. }));
}

#[test]
fn a_number_that_the_server_sent_is_not_given_again() {
    let laptop = Laptop::new();
    confirm(
        &laptop,
        of_the_server(
            Uuid::from_u128(0x98),
            1,
            named("甲").with("number", "CUST-2026-001"),
        ),
    );
    let id = laptop.add(customer("乙"));
    assert_eq!(
        laptop.get("customer", id).fields.text("number"),
        Some("CUST-2026-002")
    );
}

#[test]
fn the_same_revision_again_changes_nothing() {
    let laptop = Laptop::new();
    let id = pulled(&laptop);
    laptop.set("customer", id, "alias", "乙");
    let (before, kept) = (
        laptop.get("customer", id),
        versions(&laptop, "customer", id),
    );
    confirm(
        &laptop,
        of_the_server(
            id,
            5,
            named("华科")
                .with("alias", "甲")
                .with("phone", "0755-26001234"),
        ),
    );
    assert_eq!(
        (
            laptop.get("customer", id),
            versions(&laptop, "customer", id)
        ),
        (before, kept.clone())
    );
    assert_ne!(kept, Json::Null);
    assert_eq!(kept["alias"][2], json!(laptop.user));
}
