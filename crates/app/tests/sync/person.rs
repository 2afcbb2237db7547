//! A laptop that was in use alone gets the user that a server knows.

use std::time::Instant;

use ketu_app::sync::local;
use ketu_model::{Fields, RecordId, Value};
use ketu_store::{Select, StoreError, Write};
use serde_json::json;
use uuid::Uuid;

use crate::desk::{Desk, LI, ME, NOW};

const ZHANG: Uuid = Uuid::from_u128(0x7a);

#[test]
fn everything_that_was_mine_is_mine_under_the_servers_name() {
    let mut desk = Desk::alone();
    let company = desk.add("customer", Fields::new().with("name", "华科"));
    desk.set("customer", company, "alias", "科");
    let theirs = Fields::new().with("name", "深蓝").with("owner", LI);
    let theirs = desk.add("customer", theirs);
    let due = Fields::new()
        .with("title", "回访")
        .with("customer", company)
        .with("due_at", Value::Instant(NOW));
    let reminder = desk.add("reminder", due);
    desk.set("user", ME, "area", "华南");
    desk.store()
        .set_setting("views", &json!({"owner": ME}).to_string())
        .unwrap();
    desk.store().become_user(ME, ZHANG).unwrap();

    assert!(desk.get("user", ME).is_none());
    assert_eq!(desk.text("user", ZHANG, "name").as_deref(), Some("张三"));
    let customer = desk.get("customer", company).unwrap();
    assert_eq!(customer.fields.id("owner"), Some(ZHANG));
    assert_eq!(
        (customer.created_by, customer.updated_by),
        (Some(ZHANG), Some(ZHANG))
    );
    assert_eq!(
        desk.get("customer", theirs).unwrap().fields.id("owner"),
        Some(LI)
    );
    assert_eq!(
        desk.get("reminder", reminder).unwrap().fields.id("owner"),
        Some(ZHANG)
    );
    assert_eq!(
        desk.read(|reader| reader.meta("user")).unwrap(),
        ZHANG.to_string()
    );
    let setting = desk.read(|reader| reader.setting("views")).unwrap();
    assert!(setting.contains(&ZHANG.to_string()));
    let history = desk.read(|reader| reader.history(RecordId(company)));
    assert!(history.iter().all(|row| row.author == Some(ZHANG)));

    local::begin(desk.store(), Uuid::from_u128(1)).unwrap();
    let push = desk.push().unwrap();
    let old = ME.to_string();
    assert!(push.ops.iter().all(|op| op.author == Some(ZHANG)));
    assert!(!serde_json::to_string(&push).unwrap().contains(&old));
    assert_eq!(
        push.ops.last().unwrap().record,
        ZHANG,
        "what I changed of myself"
    );
    let refused = desk.store().become_user(ZHANG, ME);
    refused.unwrap_err();
    desk.open();
    desk.store()
        .transact(Write::form(ZHANG, "undo"), |door| door.undo(None))
        .unwrap();
    assert_eq!(desk.text("user", ZHANG, "area"), None);
}

#[test]
fn a_hundred_thousand_customers_get_it_in_seconds() {
    let desk = Desk::alone();
    desk.store()
        .transact(Write::form(ME, "import"), |door| {
            for row in 0..100_000 {
                let fields = Fields::new().with("name", format!("公司{row}"));
                door.create("customer", None, fields)?;
            }
            Ok::<_, StoreError>(())
        })
        .unwrap();
    let since = Instant::now();
    desk.store().become_user(ME, ZHANG).unwrap();
    let took = since.elapsed();
    println!("100,000 customers: {took:?}");
    assert!(took.as_secs() < 60, "{took:?}");
    let mine = Select::all("customer").of("owner", ZHANG);
    assert_eq!(desk.read(|reader| reader.count(&mine)), 100_000);
}
