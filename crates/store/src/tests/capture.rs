//! What the door writes beside an edit, so that synchronisation can send it.

#![allow(clippy::unwrap_used)]

use ketu_model::{Fields, Value};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::raw;
use super::support::{Draft, Laptop, NOW, contact, customer, opportunity, user};
use crate::Write;

/// One column of the log in order, JSON where it is text.
fn column(laptop: &Laptop, column: &str) -> Vec<Json> {
    let connection = raw(laptop);
    let sql = format!("select {column} from log order by local_seq");
    let mut statement = connection.prepare(&sql).unwrap();
    let rows = statement.query_map([], |row| {
        Ok(match row.get(0)? {
            rusqlite::types::Value::Integer(n) => json!(n),
            rusqlite::types::Value::Text(text) => {
                serde_json::from_str(&text).unwrap_or(json!(text))
            }
            rusqlite::types::Value::Blob(id) => json!(Uuid::from_slice(&id).unwrap()),
            _ => Json::Null,
        })
    });
    rows.unwrap().map(Result::unwrap).collect()
}

fn reminder(title: &str, customer: Uuid) -> Draft {
    Draft {
        entity: "reminder",
        id: None,
        fields: Fields::new()
            .with("title", title)
            .with("customer", customer)
            .with("due_at", Value::Instant(NOW)),
    }
}

#[test]
fn an_edit_names_the_earlier_edits_of_this_laptop_that_it_continues() {
    // docs/sync-protocol.md §1.4
    let laptop = Laptop::new();
    let id = laptop.add(customer("华科").phone("0755-26001234"));
    laptop.set("customer", id, "phone", "0755-26005678");
    laptop.set("customer", id, "phone", "0755-26009999");
    laptop.set("customer", id, "alias", "甲");
    laptop.remove("customer", id);
    laptop.write(|door| door.restore("customer", id)).unwrap();
    let ops = column(&laptop, "op_id");
    let link = |op: usize| json!({"op": ops[op], "base": 0});
    assert_eq!(
        column(&laptop, "chain"),
        [
            Json::Null,
            json!({"phone": link(0)}),
            json!({"phone": link(1)}),
            json!({"alias": link(0)}),
            json!({"deleted_at": link(0)}),
            json!({"deleted_at": link(4)}),
        ]
    );
}

#[test]
fn a_transaction_is_atomic_unless_it_is_an_import_or_too_large() {
    // §1.5
    let laptop = Laptop::new();
    laptop
        .write(|door| {
            let company = customer("华科").add(door)?;
            contact("王芳", company).add(door)
        })
        .unwrap();
    let import = Write {
        origin: "import:7".to_owned(),
        ..Write::form(laptop.user, "import")
    };
    laptop
        .store()
        .transact(import, |door| customer("深蓝").add(door))
        .unwrap();
    assert_eq!(column(&laptop, "atomic"), [1, 1, 0]);
    for (ops, atomic) in [(200, 1), (201, 0)] {
        let laptop = Laptop::new();
        laptop
            .write(|door| {
                for n in 0..ops {
                    customer(&format!("客户{n}")).add(door)?;
                }
                Ok(())
            })
            .unwrap();
        assert_eq!(column(&laptop, "atomic"), vec![json!(atomic); ops]);
    }
}

#[test]
fn a_customers_new_owner_gets_the_old_ones_deals_and_open_reminders_by_ops_that_are_never_sent() {
    // §4.6, R64
    let laptop = Laptop::new();
    let (zhang, li) = (
        laptop.user,
        laptop
            .store()
            .transact(Write::upkeep(), |door| user("李").add(door))
            .unwrap()
            .value,
    );
    let company = laptop.add(customer("华科"));
    let person = laptop.add(contact("王芳", company));
    let deal = laptop.add(opportunity("产线", company));
    let others = laptop.add(opportunity("备件", company).with("owner", li));
    let open = laptop.add(reminder("回电", company));
    let done = laptop.add(reminder("寄样", company).with("done_at", Value::Instant(NOW)));
    let elsewhere = laptop.add(reminder("别家", laptop.add(customer("深蓝"))));
    let before = column(&laptop, "op_id").len();
    let owners = || {
        let of = |entity: &str, id| laptop.get(entity, id).fields.id("owner");
        [
            of("customer", company),
            of("opportunity", deal),
            of("opportunity", others),
            of("reminder", open),
            of("reminder", done),
            of("reminder", elsewhere),
        ]
    };
    let was = owners();
    assert_eq!(was, [zhang, zhang, li, zhang, zhang, zhang].map(Some));
    laptop.set("customer", company, "owner", li);
    assert_eq!(owners(), [li, li, li, li, zhang, zhang].map(Some));
    assert_eq!(laptop.get("contact", person).fields.id("owner"), None);
    let ops = column(&laptop, "op_id");
    let carriers = column(&laptop, "carrier").split_off(before);
    assert_eq!(
        carriers,
        [Json::Null, ops[before].clone(), ops[before].clone()]
    );

    laptop.undo().unwrap();
    assert_eq!(owners(), was, "undo brings back exactly what went along");
    let ops = column(&laptop, "op_id");
    let carriers = column(&laptop, "carrier").split_off(before + 3);
    assert_eq!(
        carriers,
        [Json::Null, ops[before + 3].clone(), ops[before + 3].clone()]
    );
    laptop.redo().unwrap();
    assert_eq!(owners(), [li, li, li, li, zhang, zhang].map(Some));
}
