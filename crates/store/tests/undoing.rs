//! Undo, redo and history by example; tests/properties.rs has them for every sequence.

#![allow(clippy::unwrap_used)]

mod support;

use ketu_model::{Fields, RecordId, Value};
use ketu_store::{Kept, Result, Select, StoreError, Write};
use serde_json::json;
use support::{Laptop, NOW, contact, customer, interaction, own_field};

#[test]
fn a_step_is_undone_and_redone_across_a_restart() {
    let mut laptop = Laptop::new();
    let id = laptop.add(customer("华科").phone("0755-26001234"));
    laptop.set("customer", id, "phone", "0755-26005678");
    laptop.open().unwrap();
    let phone = |laptop: &Laptop| {
        laptop
            .get("customer", id)
            .fields
            .text("phone")
            .unwrap()
            .to_owned()
    };
    let undone = laptop.undo().unwrap();
    assert_eq!(undone.value.kept, []);
    assert!(phone(&laptop).ends_with("1234"));
    laptop.open().unwrap();
    laptop.redo().unwrap();
    assert!(phone(&laptop).ends_with("5678"));
    laptop.undo().unwrap();
    laptop.undo().unwrap();
    assert!(
        laptop.get("customer", id).deleted_at.is_some(),
        "what was added is in the recycle bin"
    );
    assert!(matches!(laptop.undo(), Err(StoreError::NothingToUndo)));
}

#[test]
fn a_new_step_ends_what_could_be_redone() {
    let laptop = Laptop::new();
    let id = laptop.add(customer("华科"));
    laptop.set("customer", id, "alias", "甲");
    laptop.undo().unwrap();
    let (undo, redo) = laptop.steps();
    assert!(undo.is_some() && redo.is_some());
    laptop.set("customer", id, "alias", "乙");
    let (_, redo) = laptop.steps();
    assert_eq!(redo, None);
    assert!(matches!(laptop.redo(), Err(StoreError::NothingToUndo)));
}

#[test]
fn undoing_an_older_step_keeps_what_was_changed_since_and_lists_it() {
    let laptop = Laptop::new();
    let id = laptop.add(customer("华科"));
    let patch = Fields::new().with("alias", "甲").with("address", "科技园");
    let step = laptop
        .write(|door| door.update("customer", id, patch))
        .unwrap()
        .tx;
    laptop.set("customer", id, "alias", "乙");
    let undone = laptop.write(|door| door.undo(Some(step))).unwrap().value;
    let kept = Kept {
        entity: "customer".into(),
        id,
        field: "alias".to_owned(),
    };
    assert_eq!((undone.of, undone.kept), (step, vec![kept]));
    let record = laptop.get("customer", id);
    assert_eq!(
        (record.fields.text("alias"), record.fields.value("address")),
        (Some("乙"), &Value::Null)
    );
    assert!(
        matches!(
            laptop.write(|door| door.undo(Some(step))),
            Err(StoreError::NothingToUndo)
        ),
        "once"
    );
}

#[test]
fn a_record_that_was_edited_since_is_not_taken_away_by_undoing_its_creation() {
    let laptop = Laptop::new();
    let added = laptop.write(|door| customer("华科").add(door)).unwrap();
    laptop.set("customer", added.value, "alias", "乙");
    let undone = laptop
        .write(|door| door.undo(Some(added.tx)))
        .unwrap()
        .value;
    assert_eq!(undone.kept.len(), 1);
    assert_eq!(laptop.get("customer", added.value).deleted_at, None);
}

#[test]
fn a_value_that_another_record_took_meanwhile_is_listed_and_the_rest_comes_back() {
    let laptop = Laptop::new();
    let first = laptop.add(customer("甲").number("KH-1"));
    let patch = Fields::new().with("number", "KH-2");
    let step = laptop
        .write(|door| {
            door.update("customer", first, patch)?;
            contact("王芳", first).add(door)
        })
        .unwrap();
    laptop.add(customer("乙").number("KH-1"));
    let undone = laptop.write(|door| door.undo(Some(step.tx))).unwrap().value;
    assert_eq!(undone.kept.len(), 1);
    assert_eq!(undone.kept[0].field, "number");
    assert_eq!(laptop.list(&Select::all("contact")), []);
}

#[test]
fn an_import_is_one_step_that_counts_its_records() {
    let laptop = Laptop::new();
    let write = Write {
        origin: "import:7".to_owned(),
        ..Write::form(laptop.user, "import")
    };
    laptop
        .store()
        .transact(write, |door| -> Result<()> {
            for n in 0..50 {
                let company = customer(&format!("第{n}家")).add(door)?;
                door.update("customer", company, Fields::new().with("alias", "导入"))?;
                contact("王芳", company).add(door)?;
            }
            Ok(())
        })
        .unwrap();
    let (undo, _) = laptop.steps();
    let step = undo.unwrap();
    assert_eq!((step.action.as_str(), step.records), ("import", 100));
    let undone = laptop.undo().unwrap();
    assert_eq!(undone.value.kept, []);
    assert_eq!(
        laptop.list(&Select::all("customer")).len() + laptop.list(&Select::all("contact")).len(),
        0
    );
    assert_eq!(laptop.store().search("第", &[], 10).unwrap().total, 0);
    laptop.redo().unwrap();
    assert_eq!(laptop.list(&Select::all("contact")).len(), 50);
}

#[test]
fn a_write_that_changed_nothing_is_no_step() {
    let laptop = Laptop::new();
    let id = laptop.add(customer("华科"));
    let (before, _) = laptop.steps();
    laptop.set("customer", id, "name", "华科");
    laptop.write(|_| Ok(())).unwrap();
    let (after, _) = laptop.steps();
    assert_eq!(before, after);
}

#[test]
fn history_tells_who_changed_what_from_what_to_what_newest_first() {
    let laptop = Laptop::new();
    let id = laptop.add(customer("华科").phone("0755-26001234"));
    laptop.clock.advance(1_000);
    laptop.set("customer", id, "name", "华科技术");
    laptop.remove("customer", id);
    laptop.undo().unwrap();
    let history = laptop
        .store()
        .read(|reader| reader.history(RecordId(id)))
        .unwrap();
    let told: Vec<(&str, &str)> = history
        .iter()
        .map(|row| (row.kind.as_str(), row.origin.split(':').next().unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            ("restore", "undo"),
            ("delete", "form"),
            ("update", "form"),
            ("create", "form")
        ]
    );
    assert_eq!(history[2].patch["name"], json!(["华科", "华科技术"]));
    assert_eq!(history[1].patch["deleted_at"], json!([null, NOW + 1_000]));
    assert_eq!(history[3].patch["phone"], json!([null, "0755-26001234"]));
    assert!(
        history
            .iter()
            .all(|row| row.author == Some(laptop.user) && row.state == "pending")
    );
}

#[test]
fn a_customers_history_below_tells_of_contacts_too_in_pages() {
    let laptop = Laptop::new();
    let company = laptop.add(customer("华科"));
    let person = laptop.add(contact("王芳", company));
    laptop.add(interaction("拜访", company, NOW));
    laptop.set("contact", person, "title", "经理");
    let page = |before| {
        laptop
            .store()
            .read(|reader| reader.history_below(company, before, 2))
            .unwrap()
    };
    let first = page(i64::MAX);
    assert_eq!(
        first
            .iter()
            .map(|row| row.kind.as_str())
            .collect::<Vec<_>>(),
        ["update", "create"]
    );
    let second = page(first[1].hlc);
    assert_eq!(
        second.iter().map(|row| row.record).collect::<Vec<_>>(),
        [company]
    );
}

#[test]
fn a_value_whose_field_is_removed_by_now_is_listed_and_not_lost_silently() {
    let laptop = Laptop::new();
    let id = laptop.add(customer("华科"));
    let field = laptop.add(own_field("customer", "合同编号", "text"));
    let key = field.to_string();
    let patch = Fields::new().with(key.clone(), "HT-1").with("alias", "甲");
    let step = laptop
        .write(|door| door.update("customer", id, patch))
        .unwrap()
        .tx;
    laptop.remove("field_definition", field);
    let undone = laptop.write(|door| door.undo(Some(step))).unwrap().value;
    assert_eq!(
        undone
            .kept
            .iter()
            .map(|kept| &kept.field)
            .collect::<Vec<_>>(),
        [&key]
    );
    assert_eq!(
        laptop.get("customer", id).fields.value("alias"),
        &Value::Null
    );
}
