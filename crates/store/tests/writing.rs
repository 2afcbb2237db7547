//! The write door: validation, uniqueness, references, numbers, transfers and the recycle bin.

#![allow(clippy::unwrap_used)]

mod support;

use ketu_model::clock::Clock;
use ketu_model::{Fields, RecordId, Value};
use ketu_store::{Select, StoreError};
use support::{
    HOUR, Laptop, NOW, codes, contact, customer, interaction, opportunity, own_field, tag,
};
use uuid::Uuid;

#[test]
fn every_rule_refuses_with_the_code_of_its_field() {
    let laptop = Laptop::new();
    let ours = laptop.add(customer("华科技术"));
    let nowhere = Uuid::from_u128(9);
    let cases: Vec<(support::Draft, &str)> = vec![
        (customer("  \u{200b} "), "name:required"),
        (
            customer("甲").with("uscc", "91440300MA5DA1234X"),
            "uscc:uscc_check",
        ),
        (customer("甲").phone("12"), "phone:phone_too_short"),
        (customer("甲").email("wang@"), "email:email_domain"),
        (
            customer("甲").with("region", "990000"),
            "region:unknown_region",
        ),
        (customer(&"长".repeat(201)), "name:too_long"),
        (customer("甲").with("level", "A"), "level:wrong_type"),
        (
            customer("甲").with("level", nowhere),
            "level:unknown_option",
        ),
        (
            customer("甲").with("owner", nowhere),
            "owner:unknown_reference",
        ),
        (customer("甲").tags([nowhere]), "tags:unknown_reference"),
        (
            customer("甲").with(
                "annual_value",
                Value::Money(ketu_model::Money {
                    minor: 1,
                    currency: "元".into(),
                }),
            ),
            "annual_value:currency",
        ),
        (contact("王芳", nowhere), "customer:unknown_reference"),
        (
            opportunity("扩容", ours).with("probability", 101.0),
            "probability:range",
        ),
        (
            opportunity("扩容", ours).with("probability", f64::NAN),
            "probability:wrong_type",
        ),
        (interaction("拜访", ours, i64::MAX), "occurred_at:range"),
    ];
    for (draft, code) in cases {
        let refused = codes(laptop.write(|door| draft.clone().add(door)));
        let field = code.split(':').next().unwrap();
        assert!(
            refused
                .iter()
                .any(|found| found.starts_with(&format!("{field}:"))),
            "{code}: {refused:?}"
        );
        let spelled = field == "uscc" || field == "phone" || field == "email";
        assert!(spelled || refused == [code], "{code}: {refused:?}");
    }
    assert_eq!(
        laptop.list(&Select::all("customer")).len(),
        1,
        "nothing of it was written"
    );
}

#[test]
fn all_that_is_wrong_with_a_record_is_told_at_once() {
    let laptop = Laptop::new();
    let wrong = opportunity("", Uuid::from_u128(9))
        .with("stage", Value::Null)
        .with("next_step", "报价");
    let mut refused = codes(laptop.write(|door| wrong.add(door)));
    refused.sort();
    assert_eq!(
        refused,
        [
            "customer:unknown_reference",
            "name:required",
            "stage:required"
        ]
    );
}

#[test]
fn values_are_kept_in_their_normal_form() {
    let laptop = Laptop::new();
    let id = laptop.add(
        customer("　华科\u{a0}技术 ")
            .phone("１３８ 1234 5678")
            .email("Wang@Example.COM")
            .with("alias", "  "),
    );
    let record = laptop.get("customer", id);
    assert_eq!(record.fields.text("name"), Some("华科 技术"));
    assert_eq!(record.fields.text("phone"), Some("13812345678"));
    assert_eq!(record.fields.value("alias"), &Value::Null);
    let before = laptop
        .store()
        .read(|reader| reader.history(RecordId(id)))
        .unwrap();
    laptop.set("customer", id, "phone", "138-1234-5678");
    let after = laptop
        .store()
        .read(|reader| reader.history(RecordId(id)))
        .unwrap();
    assert_eq!(
        before, after,
        "the same number in another spelling is no change"
    );
}

#[test]
fn unknown_entities_fields_and_records_are_refused() {
    let laptop = Laptop::new();
    let id = laptop.add(customer("华科"));
    let refused = laptop
        .write(|door| door.create("robot", None, Fields::new()))
        .unwrap_err();
    assert!(matches!(refused, StoreError::UnknownEntity(_)));
    let refused = laptop
        .write(|door| door.update("customer", id, Fields::new().with("colour", "red")))
        .unwrap_err();
    assert!(matches!(refused, StoreError::UnknownField { .. }));
    let refused = laptop
        .write(|door| door.update("customer", Uuid::from_u128(9), Fields::new()))
        .unwrap_err();
    assert!(matches!(refused, StoreError::NotFound { .. }));
}

#[test]
fn a_unique_value_is_free_again_when_its_record_is_removed_and_not_before() {
    let laptop = Laptop::new();
    let code = "91350100M000100Y43";
    let first = laptop.add(customer("甲").with("uscc", code));
    let second = laptop.add(customer("乙"));
    let clash =
        laptop.write(|door| door.update("customer", second, Fields::new().with("uscc", code)));
    match clash {
        Err(StoreError::Invalid(errors)) => {
            assert_eq!(
                (errors[0].code, errors[0].params["other"].clone()),
                ("unique", first.to_string())
            );
        }
        other => panic!("{other:?}"),
    }
    laptop.set("customer", first, "uscc", code);
    laptop.remove("customer", first);
    laptop.set("customer", second, "uscc", code);
    assert_eq!(
        codes(laptop.write(|door| door.restore("customer", first))),
        ["uscc:unique"]
    );
    assert_eq!(laptop.list(&Select::all("customer")).len(), 1);
}

#[test]
fn numbers_run_by_year_and_go_on_behind_imported_ones() {
    // R12: CUST-2026-001.
    let laptop = Laptop::new();
    let number = |id| {
        laptop
            .get("customer", id)
            .fields
            .text("number")
            .unwrap()
            .to_owned()
    };
    assert_eq!(number(laptop.add(customer("甲"))), "CUST-2026-001");
    assert_eq!(number(laptop.add(customer("乙"))), "CUST-2026-002");
    laptop.add(customer("丙").number("CUST-2026-041"));
    laptop.add(customer("丁").number("KH-7"));
    let fifth = laptop.add(customer("戊"));
    assert_eq!(number(fifth), "CUST-2026-042");
    laptop.set("customer", fifth, "number", "CUST-2026-1200");
    assert_eq!(number(laptop.add(customer("己"))), "CUST-2026-1201");
    assert_eq!(
        codes(laptop.write(|door| customer("庚").number("KH-7").add(door))),
        ["number:unique"]
    );
    laptop.clock.advance(200 * 24 * HOUR);
    assert_eq!(number(laptop.add(customer("辛"))), "CUST-2027-001");
    let deal = laptop.add(opportunity("扩容", fifth));
    assert_eq!(
        laptop.get("opportunity", deal).fields.text("number"),
        Some("OPP-2027-001")
    );
}

#[test]
fn a_new_record_belongs_to_its_author_and_hangs_below_its_customer() {
    let laptop = Laptop::new();
    let company = laptop.add(customer("华科"));
    let person = laptop.add(contact("王芳", company));
    let free = laptop.add(support::contact("散客", company).with("customer", Value::Null));
    assert_eq!(
        laptop.get("customer", company).fields.id("owner"),
        Some(laptop.user)
    );
    let record = laptop.get("contact", person);
    assert_eq!(
        (record.root, record.created_by, record.created_at),
        (company, Some(laptop.user), NOW)
    );
    assert_eq!(laptop.get("contact", free).root, free);
    let other = laptop.add(customer("深蓝"));
    laptop.set("contact", person, "customer", other);
    assert_eq!(laptop.get("contact", person).root, other);
    laptop.set("contact", person, "customer", Value::Null);
    assert_eq!(laptop.get("contact", person).root, person);
}

#[test]
fn moving_a_record_is_a_transfer_beside_the_update_of_its_other_fields() {
    // DESIGN §3: owner and root are never patched.
    let laptop = Laptop::new();
    let company = laptop.add(customer("华科"));
    let other = laptop
        .write(|door| support::user("韩梅梅").add(door))
        .unwrap()
        .value;
    let patch = Fields::new().with("owner", other).with("name", "华科技术");
    let tx = laptop
        .write(|door| door.update("customer", company, patch))
        .unwrap()
        .tx;
    let operations = laptop
        .store()
        .read(|reader| reader.operations_of(tx))
        .unwrap();
    let kinds: Vec<(String, Vec<String>)> = operations
        .into_iter()
        .map(|row| {
            (
                row.kind,
                row.patch.into_iter().map(|(key, _)| key).collect(),
            )
        })
        .collect();
    assert_eq!(
        kinds,
        [
            ("update".into(), vec!["name".into()]),
            ("transfer".into(), vec!["owner".into()])
        ]
    );
}

#[test]
fn removing_a_customer_stamps_it_alone_and_hides_what_hangs_below() {
    let laptop = Laptop::new();
    let company = laptop.add(customer("华科"));
    let person = laptop.add(contact("王芳", company));
    let deal = laptop.add(opportunity("机房扩容", company));
    let visit = laptop.add(interaction("谈了机房扩容", company, NOW));
    let other = laptop.add(contact("王小明", laptop.add(customer("深蓝"))));
    let visible = || {
        let listed = ["customer", "contact", "opportunity", "interaction"]
            .map(|entity| laptop.list(&Select::all(entity)).len());
        let found = laptop.store().search("王", &[], 10).unwrap().hits.len()
            + laptop.store().search("扩容", &[], 10).unwrap().hits.len();
        (listed, found)
    };
    let before = visible();
    assert_eq!(before, ([2, 2, 1, 1], 4));
    let removed = laptop
        .write(|door| door.remove("customer", company))
        .unwrap();
    assert_eq!(removed.changes.len(), 1);
    assert_eq!(laptop.get("customer", company).deleted_at, Some(NOW));
    for (entity, id) in [
        ("contact", person),
        ("opportunity", deal),
        ("interaction", visit),
    ] {
        assert_eq!(laptop.get(entity, id).deleted_at, None);
    }
    assert_eq!(visible(), ([1, 1, 0, 0], 1));
    assert_eq!(laptop.found("contact", "王"), [other]);
    let mut bin = Select::all("customer");
    bin.deleted = true;
    assert_eq!(laptop.names(&bin), ["华科"]);
    // What is below may be edited meanwhile; it comes back as it is then.
    laptop.set("contact", person, "name", "王芳芳");
    assert!(
        laptop.found("contact", "芳芳").is_empty(),
        "still hidden after an edit"
    );
    laptop
        .write(|door| door.restore("customer", company))
        .unwrap();
    assert_eq!(visible(), before);
    assert_eq!(laptop.found("contact", "wff"), [person]);
    assert!(
        !laptop
            .write(|door| door.restore("customer", company))
            .unwrap()
            .value,
        "it is back already"
    );
}

#[test]
fn a_reference_to_a_removed_record_can_stay_but_not_be_made() {
    let laptop = Laptop::new();
    let (key, old) = (laptop.add(tag("重点")), laptop.add(tag("老客户")));
    let first = laptop.add(customer("甲").tags([key]));
    let second = laptop.add(customer("乙"));
    laptop.remove("tag", key);
    assert_eq!(
        codes(laptop.write(|door| door.update(
            "customer",
            second,
            Fields::new().with("tags", Value::ids([key]))
        ))),
        ["tags:unknown_reference"]
    );
    laptop.set("customer", first, "tags", Value::ids([key, old]));
    laptop.set("customer", first, "tags", Value::ids([old]));
    laptop.undo().unwrap();
    assert_eq!(
        laptop.get("customer", first).fields.value("tags"),
        &Value::ids([key, old])
    );
}

#[test]
fn a_field_that_became_required_is_asked_for_where_it_is_touched() {
    let laptop = Laptop::new();
    let id = laptop.add(customer("华科"));
    let field = laptop.add(own_field("customer", "合同编号", "text").with("required", true));
    laptop.set("customer", id, "alias", "华科");
    assert_eq!(
        codes(laptop.write(|door| customer("深蓝").add(door))),
        [format!("{field}:required")]
    );
    let key = field.to_string();
    laptop
        .write(|door| door.update("customer", id, Fields::new().with(key.clone(), "HT-1")))
        .unwrap();
    let emptied = laptop
        .write(|door| door.update("customer", id, Fields::new().with(key.clone(), Value::Null)));
    assert_eq!(codes(emptied), [format!("{field}:required")]);
}

#[test]
fn a_change_of_own_fields_holds_for_the_next_write() {
    let laptop = Laptop::new();
    let field = laptop
        .add(own_field("customer", "合同编号", "text"))
        .to_string();
    assert!(
        laptop
            .store()
            .catalog()
            .entity("customer")
            .unwrap()
            .field(&field)
            .is_some()
    );
    let id = laptop.add(customer("华科").with(field.clone(), "HT-1"));
    laptop.remove("field_definition", field.parse().unwrap());
    assert!(
        laptop
            .store()
            .catalog()
            .entity("customer")
            .unwrap()
            .field(&field)
            .is_none()
    );
    assert_eq!(laptop.get("customer", id).fields.get(&field), None);
    laptop.set("customer", id, "alias", "华科");
    laptop.undo().unwrap();
    laptop.undo().unwrap();
    assert_eq!(
        laptop.get("customer", id).fields.text(&field),
        Some("HT-1"),
        "values outlive their field"
    );
}

#[test]
fn the_clock_of_edits_grows_though_the_wall_clock_jumps_back() {
    let mut laptop = Laptop::new();
    let id = laptop.add(customer("甲"));
    laptop.clock.advance(-30 * 24 * HOUR);
    laptop.set("customer", id, "name", "乙");
    laptop.open().unwrap();
    laptop.set("customer", id, "name", "丙");
    let history = laptop
        .store()
        .read(|reader| reader.history(RecordId(id)))
        .unwrap();
    let stamps: Vec<i64> = history.iter().map(|row| row.hlc).collect();
    assert_eq!(stamps.len(), 3);
    assert!(
        stamps.windows(2).all(|pair| pair[0] > pair[1]),
        "{stamps:?}"
    );
    assert!(laptop.clock.now() < NOW);
}

#[test]
fn a_field_made_in_a_transaction_is_written_in_the_same_one() {
    // An import that brings a column of its own.
    let laptop = Laptop::new();
    let (field, id) = laptop
        .write(|door| {
            let field = own_field("customer", "合同编号", "text")
                .add(door)?
                .to_string();
            let id = customer("华科").with(field.clone(), "HT-1").add(door)?;
            Ok((field, id))
        })
        .unwrap()
        .value;
    assert_eq!(laptop.get("customer", id).fields.text(&field), Some("HT-1"));
    laptop.undo().unwrap();
    assert_eq!(laptop.redo().unwrap().value.kept, []);
    assert_eq!(laptop.get("customer", id).fields.text(&field), Some("HT-1"));
}
