//! Undo, redo and history by example; tests/properties.rs has them for every sequence.

#![allow(clippy::unwrap_used)]

mod support;

use ketu_model::{Fields, RecordId, Value};
use ketu_store::{Kept, Result, Select, StoreError, Write};
use serde_json::json;
use support::{Laptop, NOW, contact, customer, interaction, option, own_field, tag};

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
    assert!(matches!(laptop.redo(), Err(StoreError::NothingToRedo)));
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

/// An import of two customers with a contact each, and a tag for the second.
fn imported(laptop: &Laptop) -> (ketu_model::TxId, [uuid::Uuid; 5]) {
    let write = Write {
        origin: "import:7".to_owned(),
        ..Write::form(laptop.user, "import")
    };
    let done = laptop
        .store()
        .transact(write, |door| -> Result<_> {
            let (first, word) = (customer("华科").add(door)?, tag("展会").add(door)?);
            let person = contact("王芳", first).add(door)?;
            let second = customer("深蓝")
                .with("tags", Value::ids([word]))
                .add(door)?;
            let other = contact("李娜", second).add(door)?;
            Ok([first, person, second, other, word])
        })
        .unwrap();
    (done.tx, done.value)
}

fn kept_ids(laptop: &Laptop, tx: ketu_model::TxId) -> Vec<uuid::Uuid> {
    let undone = laptop.write(|door| door.undo(Some(tx))).unwrap().value;
    assert!(undone.kept.iter().all(|kept| kept.field.is_empty()));
    let mut ids: Vec<_> = undone.kept.iter().map(|kept| kept.id).collect();
    ids.sort_unstable();
    ids
}

#[test]
fn an_import_keeps_the_customer_that_a_visit_was_logged_with_since_and_lists_it() {
    let laptop = Laptop::new();
    let (tx, [first, person, second, other, word]) = imported(&laptop);
    let visit =
        laptop.add(interaction("谈了报价", first, NOW).with("contacts", Value::ids([person])));
    let mut needed = vec![first, person];
    needed.sort_unstable();
    assert_eq!(kept_ids(&laptop, tx), needed);
    assert_eq!(laptop.list(&Select::all("customer")).len(), 1);
    assert_eq!(laptop.list(&Select::all("interaction"))[0].id, visit);
    assert_eq!(laptop.get("contact", person).deleted_at, None);
    for (entity, id) in [("customer", second), ("contact", other), ("tag", word)] {
        assert!(laptop.get(entity, id).deleted_at.is_some(), "{entity}");
    }
}

#[test]
fn what_an_import_made_stays_where_others_use_it_by_now() {
    let laptop = Laptop::new();
    let mine = laptop.add(customer("老客户"));
    let (tx, [first, person, _, _, word]) = imported(&laptop);
    laptop.set("customer", mine, "tags", Value::ids([word]));
    laptop
        .write(|door| {
            let role = Fields::new().with("customer", mine).with("contact", person);
            door.create("participation", None, role)
        })
        .unwrap();
    let mut needed = vec![first, person, word];
    needed.sort_unstable();
    assert_eq!(kept_ids(&laptop, tx), needed);
}

#[test]
fn an_option_that_a_record_chose_since_stays_and_one_that_nobody_chose_goes() {
    let laptop = Laptop::new();
    let id = laptop.add(customer("华科"));
    let person = laptop.add(contact("王芳", id));
    let field = laptop.add(own_field("customer", "机型", "choice"));
    let own = format!("custom.{field}");
    let add = |list: &str, name: &str| {
        let added = laptop.write(|door| option(list, name, 90.0).add(door));
        let added = added.unwrap();
        (added.tx, added.value)
    };
    // A column with an index, one without, and a field of one's own.
    let chosen = [
        ("customer", id, "customer.industry", "industry".to_owned()),
        ("contact", person, "contact.gender", "gender".to_owned()),
        ("customer", id, own.as_str(), field.to_string()),
    ];
    for (entity, record, list, key) in chosen {
        let ((tx, used), (other_tx, other)) = (add(list, "新选项"), add(list, "没人用"));
        let patch = Fields::new().with(key, used);
        laptop
            .write(|door| door.update(entity, record, patch))
            .unwrap();
        assert_eq!(kept_ids(&laptop, tx), [used], "{list}");
        assert!(kept_ids(&laptop, other_tx).is_empty(), "{list}");
        assert!(laptop.get("option", other).deleted_at.is_some());
    }
}

#[test]
fn undoing_a_step_that_was_done_again_keeps_what_was_built_on_it_since() {
    let laptop = Laptop::new();
    let (tx, [first, ..]) = imported(&laptop);
    laptop.undo().unwrap();
    laptop.redo().unwrap();
    laptop.set("customer", first, "alias", "甲");
    assert_eq!(kept_ids(&laptop, tx), [first], "the import stands again");
    assert_eq!(laptop.names(&Select::all("customer")), ["华科"]);
}

#[test]
fn a_field_of_ones_own_stays_while_a_later_step_has_values_in_it() {
    let laptop = Laptop::new();
    let id = laptop.add(customer("华科"));
    let field = laptop
        .write(|door| own_field("customer", "合同编号", "text").add(door))
        .unwrap();
    let key = field.value.to_string();
    let patch = Fields::new().with(key.clone(), "HT-1");
    laptop
        .write(|door| door.update("customer", id, patch))
        .unwrap();
    assert_eq!(kept_ids(&laptop, field.tx), [field.value]);
    assert_eq!(laptop.get("customer", id).fields.text(&key), Some("HT-1"));
}

#[test]
fn only_the_step_that_was_undone_last_is_done_again_by_its_name() {
    let laptop = Laptop::new();
    let first = laptop.write(|door| customer("甲").add(door)).unwrap();
    let second = laptop.write(|door| customer("乙").add(door)).unwrap();
    let undone: Vec<_> = (0..2).map(|_| laptop.undo().unwrap().tx).collect();
    for tx in [second.tx, undone[0]] {
        let refused = laptop.write(|door| door.redo(Some(tx)));
        assert!(matches!(refused, Err(StoreError::NothingToRedo)));
    }
    let again = laptop.write(|door| door.redo(Some(first.tx))).unwrap();
    assert_eq!(again.value.of, undone[1]);
    laptop.write(|door| door.redo(Some(undone[0]))).unwrap();
    assert_eq!(laptop.list(&Select::all("customer")).len(), 2);
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

#[test]
fn a_field_that_one_step_set_twice_stays_where_it_was_changed_since() {
    // Back to what the step had in between: that is a later person's word all the same.
    let laptop = Laptop::new();
    let id = laptop.add(customer("华科").with("alias", "甲"));
    let step = laptop
        .write(|door| {
            door.update("customer", id, Fields::new().with("alias", "乙"))?;
            door.update("customer", id, Fields::new().with("alias", "丙"))
        })
        .unwrap();
    laptop.set("customer", id, "alias", "乙");
    let undone = laptop.write(|door| door.undo(Some(step.tx))).unwrap();
    assert_eq!(laptop.get("customer", id).fields.text("alias"), Some("乙"));
    assert!(undone.value.kept.iter().all(|kept| kept.field == "alias"));
    assert!(!undone.value.kept.is_empty());
}

#[test]
fn a_record_that_one_step_made_and_changed_stays_where_somebody_changed_it_back_since() {
    let laptop = Laptop::new();
    let step = laptop
        .write(|door| {
            let id = door.create(
                "customer",
                None,
                Fields::new().with("name", "华科").with("alias", "甲"),
            )?;
            door.update("customer", id, Fields::new().with("alias", "乙"))?;
            Ok(id)
        })
        .unwrap();
    let id = step.value;
    laptop.set("customer", id, "alias", "甲");
    let undone = laptop.write(|door| door.undo(Some(step.tx))).unwrap();
    let standing = laptop.get("customer", id);
    assert_eq!(standing.deleted_at, None, "later work stays in sight");
    assert_eq!(standing.fields.text("alias"), Some("甲"));
    assert!(undone.value.kept.iter().any(|kept| kept.id == id));
    // Without later work it goes, as any step does.
    let step = laptop
        .write(|door| {
            let id = door.create(
                "customer",
                None,
                Fields::new().with("name", "恒远").with("alias", "甲"),
            )?;
            door.update("customer", id, Fields::new().with("alias", "乙"))?;
            Ok(id)
        })
        .unwrap();
    laptop.write(|door| door.undo(Some(step.tx))).unwrap();
    assert!(laptop.get("customer", step.value).deleted_at.is_some());
}
