//! Answers that somebody has to look at.

use ketu_model::Fields;
use ketu_store::{StoreError, Write};
use ketu_sync::message::{Code, Outcome};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::desk::{Desk, LI, ME, customer};

const A: Uuid = Uuid::from_u128(0xa1);
const B: Uuid = Uuid::from_u128(0xb1);

fn pulled() -> Desk {
    let desk = Desk::new();
    desk.pull(
        40,
        vec![customer(A, 31, "华科"), customer(B, 32, "深蓝")],
        &[],
    );
    desk
}

fn items(desk: &mut Desk) -> Vec<Json> {
    let attention = desk.shown("attention", json!({}));
    attention["items"].as_array().unwrap().clone()
}

fn reference(item: &Json) -> Json {
    json!({"record": item["record"], "op": item["op"]})
}

#[test]
fn a_rejected_edit_tells_what_was_typed_and_is_tried_again_or_put_aside() {
    let mut desk = pulled();
    desk.set("customer", A, "alias", "科");
    desk.set("customer", B, "alias", "蓝");
    let push = desk.push().unwrap();
    desk.answer(&push, |at| match at {
        0 => (0, Outcome::rejected(Code::Forbidden)),
        _ => (
            0,
            Outcome::Rejected {
                code: Code::Invalid,
                field: Some("alias".to_owned()),
            },
        ),
    });
    assert_eq!(desk.text("customer", A, "alias"), None);
    let told = items(&mut desk);
    let codes: Vec<&Json> = told.iter().map(|item| &item["code"]).collect();
    assert_eq!(codes, ["invalid", "forbidden"]);
    assert_eq!(told[1]["title"], "华科");
    assert_eq!(
        told[1]["fields"],
        json!([{"field": "alias", "old": null, "new": "科"}])
    );
    assert_eq!(
        (&told[0]["can_retry"], &told[0]["field"]),
        (&json!(false), &json!("alias"))
    );
    assert_eq!(told[1]["can_retry"], true);
    assert_eq!(
        desk.refused("attention_retry", reference(&told[0])),
        "cannot_retry"
    );

    // The right came back, and the record went on.
    desk.pull(50, vec![customer(A, 45, "华科技术")], &[]);
    desk.shown("attention_retry", reference(&told[1]));
    assert_eq!(desk.text("customer", A, "alias").as_deref(), Some("科"));
    let again = desk.push().unwrap();
    assert_eq!((again.ops.len(), again.ops[0].base), (1, 45));
    desk.shown("attention_dismiss", reference(&told[0]));
    assert_eq!(items(&mut desk), Vec::<Json>::new());
}

#[test]
fn edits_handed_over_are_one_item_for_each_record_also_when_it_left() {
    let mut desk = pulled();
    desk.set("customer", A, "alias", "科");
    desk.set("customer", A, "phone", "0755-26005678");
    desk.set("customer", A, "alias", "科技");
    let push = desk.push().unwrap();
    let handed = |_| {
        let to = Some(LI);
        (50, Outcome::HandedOver { to, card: None })
    };
    desk.answer(&push, handed);
    desk.pull(51, vec![], &[A]);
    assert!(desk.get("customer", A).is_none(), "purged");
    let attention = desk.shown("attention", json!({}));
    assert_eq!(attention["titles"][LI.to_string()], "李雷");
    let item = &attention["items"][0];
    assert_eq!(attention["items"].as_array().unwrap().len(), 1);
    assert_eq!(
        (
            &item["count"],
            &item["outcome"],
            &item["to"],
            &item["title"]
        ),
        (&json!(3), &json!("handed_over"), &json!(LI), &json!("华科"))
    );
    assert_eq!(item["can_retry"], false);
    let fields = item["fields"].as_array().unwrap();
    assert_eq!(fields.len(), 2);
    assert!(fields.contains(&json!({"field": "alias", "old": null, "new": "科技"})));
    desk.shown("attention_dismiss", reference(item));
    assert_eq!(items(&mut desk), Vec::<Json>::new());
    let kept = desk.read(|reader| reader.history(ketu_model::RecordId(A)));
    assert_eq!(kept, [], "nothing of it remains");
}

#[test]
fn a_new_record_that_was_rejected_is_made_again_with_what_hung_on_it() {
    let mut desk = pulled();
    let made = desk
        .store()
        .transact(Write::form(ME, "add"), |door| {
            let company = door.create("customer", None, Fields::new().with("name", "远大"))?;
            let person = Fields::new().with("name", "王芳").with("customer", company);
            Ok::<_, StoreError>((company, door.create("contact", None, person)?))
        })
        .unwrap()
        .value;
    let push = desk.push().unwrap();
    desk.answer(&push, |at| match at {
        0 => (0, Outcome::rejected(Code::WithOthers)),
        _ => (0, Outcome::rejected(Code::NoRoot)),
    });
    assert!(desk.get("customer", made.0).is_none() && desk.get("contact", made.1).is_none());
    let told = items(&mut desk);
    let of = |id: Uuid| {
        told.iter()
            .find(|item| item["record"] == json!(id))
            .unwrap()
    };
    let (company, person) = (of(made.0), of(made.1));
    assert_eq!(
        (&company["title"], &person["title"]),
        (&json!("远大"), &json!("王芳"))
    );
    assert_eq!(
        (&company["can_retry"], &person["can_retry"]),
        (&json!(true), &json!(false))
    );
    desk.shown("attention_retry", reference(company));
    let rest = items(&mut desk);
    assert_eq!(rest[0]["can_retry"], true, "its customer is there now");
    desk.shown("attention_retry", reference(&rest[0]));
    assert_eq!(desk.get("contact", made.1).unwrap().root, made.0);
    assert_eq!(items(&mut desk), Vec::<Json>::new());
    assert_eq!(desk.push().unwrap().ops.len(), 2);
}
