//! Customers that go to a colleague, and two that become one (docs/sync-protocol.md §4.6).

use ketu_model::{Fields, Value};
use ketu_sync::message::{Code, Kind, Outcome};
use ketu_sync::record::Row;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::desk::{Desk, LI, ME, NOW, customer, row};

const A: Uuid = Uuid::from_u128(0xa1);
const B: Uuid = Uuid::from_u128(0xb1);
const WANG: Uuid = Uuid::from_u128(0xe1);

fn contact(rev: i64, root: Uuid) -> Row {
    row(
        "contact",
        WANG,
        root,
        rev,
        json!({"name": "王芳", "customer": root}),
    )
}

/// Two customers, a contact of the second, and an open and a done reminder of it.
fn two(mut desk: Desk) -> Desk {
    if desk.store().sync_state().unwrap().is_some() {
        let rows = vec![
            customer(A, 31, "华科"),
            customer(B, 32, "华科公司"),
            contact(33, B),
        ];
        desk.pull(40, rows, &[]);
    } else {
        for (id, name) in [(A, "华科"), (B, "华科公司")] {
            let fields = Fields::new().with("name", name).with("note", "常来");
            add(&mut desk, "customer", id, fields);
        }
        let fields = Fields::new().with("name", "王芳").with("customer", B);
        add(&mut desk, "contact", WANG, fields);
    }
    for (title, done) in [("回访", None), ("寄样", Some(NOW))] {
        let fields = Fields::new()
            .with("title", title)
            .with("customer", B)
            .with("due_at", Value::Instant(NOW))
            .with("done_at", done.map_or(Value::Null, Value::Instant));
        desk.add("reminder", fields);
    }
    desk
}

fn add(desk: &mut Desk, entity: &str, id: Uuid, fields: Fields) {
    desk.store()
        .transact(ketu_store::Write::form(ME, "add"), |door| {
            door.create(entity, Some(id), fields)
        })
        .unwrap();
}

fn owner(desk: &Desk, id: Uuid) -> Option<Uuid> {
    desk.get("customer", id).unwrap().fields.id("owner")
}

#[test]
fn a_transfer_tells_before_what_goes_along_and_whether_it_leaves_this_laptop() {
    let mut desk = two(Desk::new());
    let request = json!({"customers": [A, B], "to": LI});
    let preview = desk.shown("transfer_preview", request.clone());
    assert_eq!(
        preview,
        json!({"customers": 2, "below": {"contact": 1, "reminder": 2}, "owned": 1, "leaves": true})
    );
    let to_me = desk.shown("transfer_preview", json!({"customers": [B], "to": ME}));
    assert_eq!(to_me["leaves"], false);
    let saved = desk.shown("transfer", request);
    assert_eq!((owner(&desk, A), owner(&desk, B)), (Some(LI), Some(LI)));
    let push = desk.push().unwrap();
    let kinds: Vec<_> = push.ops.iter().map(|op| op.kind).collect();
    assert_eq!(
        kinds,
        [Kind::Create, Kind::Create, Kind::Transfer, Kind::Transfer]
    );
    desk.shown("undo", json!({"tx": saved["tx"]}));
    assert_eq!((owner(&desk, A), owner(&desk, B)), (Some(ME), Some(ME)));
    let pool = json!({"customers": [A]});
    desk.shown("transfer", pool);
    assert_eq!(owner(&desk, A), None);
}

#[test]
fn the_reason_of_a_transfer_goes_along_to_whoever_gets_the_customer() {
    // The laptop of the new owner gets what this one pushed.
    let mut mine = two(Desk::new());
    let first = mine.push().unwrap();
    mine.answer(&first, |at| (41 + at as i64, Outcome::Applied));
    let request = json!({"customers": [A, B], "to": LI, "reason": "  区域调整 "});
    let saved = mine.shown("transfer", request);
    let push = mine.push().unwrap();
    let sent: Vec<_> = push.ops.iter().map(|op| (op.kind, op.root)).collect();
    assert_eq!(
        sent,
        [
            (Kind::Create, A),
            (Kind::Transfer, A),
            (Kind::Create, B),
            (Kind::Transfer, B)
        ],
        "the fact is there before the customer goes"
    );
    assert!(push.ops.iter().all(|op| op.atomic), "both or neither");

    let mut theirs = Desk::new();
    let told = &push.ops[0];
    let fields = told
        .patch
        .iter()
        .map(|(key, change)| (key.clone(), change.1.clone()));
    let fields: serde_json::Map<String, Json> = fields.collect();
    let told = row("interaction", told.record, A, 51, Json::Object(fields));
    theirs.pull(60, vec![customer(A, 52, "华科"), told], &[]);
    let timeline = theirs.shown("timeline", json!({"customer": A, "limit": 10}));
    assert!(
        timeline
            .to_string()
            .contains("客户转给李雷。原因：区域调整"),
        "{timeline}"
    );

    let undone = mine.shown("undo", json!({"tx": saved["tx"]}));
    assert_eq!(undone["kept"], json!([]));
    let left = mine.read(|reader| reader.list(&ketu_store::Select::all("interaction")));
    assert!(left.is_empty());
    mine.shown(
        "transfer",
        json!({"customers": [A], "to": LI, "reason": " "}),
    );
    assert_eq!(
        mine.push().unwrap().ops.last().unwrap().kind,
        Kind::Transfer
    );
}

/// All work is answered and the first customer is not in this laptop's scopes any more; the second one has its alias.
fn leaves(desk: &Desk) {
    let push = desk.push().unwrap();
    desk.answer(&push, |at| (50 + at as i64, Outcome::Applied));
    let mut stays = customer(B, 65, "华科公司");
    stays.fields.insert("alias".to_owned(), json!("科"));
    desk.pull(70, vec![stays], &[A]);
    assert!(desk.get("customer", A).is_none(), "purged");
}

#[test]
fn a_transfer_whose_customer_left_this_laptop_is_not_said_to_be_undone() {
    let mut desk = two(Desk::new());
    desk.set("customer", B, "alias", "科");
    let saved = desk.shown("transfer", json!({"customers": [A], "to": LI}));
    leaves(&desk);
    let request = json!({"tx": saved["tx"]});
    assert_eq!(desk.refused("undo", request.clone()), "undo_gone");
    assert_eq!(desk.refused("undo", request), "undo_gone", "and once more");
    let next = desk.shown("undo_state", json!({}))["undo"].clone();
    assert_eq!(
        (&next["action"], &next["title"]),
        (&json!("update"), &json!("华科公司"))
    );
    let undone = desk.shown("undo", json!({}));
    assert_eq!(
        (&undone["changed"], &undone["gone"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(desk.text("customer", B, "alias"), None);
}

#[test]
fn an_undo_whose_customer_left_is_not_done_again() {
    let mut desk = two(Desk::new());
    let saved = desk.shown("transfer", json!({"customers": [A], "to": LI}));
    let undone = desk.shown("undo", json!({}));
    leaves(&desk);
    for tx in [&undone["tx"], &saved["tx"]] {
        assert_eq!(desk.refused("redo", json!({"tx": tx})), "undo_gone");
    }
    assert_eq!(desk.refused("redo", json!({})), "nothing_to_redo");
    assert_eq!(desk.shown("undo_state", json!({}))["redo"], Json::Null);
}

#[test]
fn of_a_step_that_lost_a_record_the_rest_is_taken_back_and_the_loss_is_told() {
    let mut desk = two(Desk::new());
    let change = |id: Uuid| json!({"id": id, "fields": {"alias": "科"}});
    let both = json!({"entity": "customer", "changes": [change(A), change(B)]});
    desk.shown("update_many", both);
    leaves(&desk);
    let undone = desk.shown("undo", json!({}));
    assert_eq!(
        (&undone["changed"], &undone["gone"], &undone["kept"]),
        (&json!(1), &json!(1), &json!([]))
    );
    assert_eq!(desk.text("customer", B, "alias"), None);
}

#[test]
fn nobody_gives_away_what_is_a_colleagues_but_a_laptop_of_its_own_may_all() {
    let theirs = Uuid::from_u128(0xf1);
    let shared = |desk: &mut Desk| {
        let fields = json!({"name": "李雷的客户", "owner": LI});
        desk.pull(50, vec![row("customer", theirs, theirs, 45, fields)], &[]);
    };
    let mut desk = two(Desk::new());
    shared(&mut desk);
    let request = json!({"customers": [A, theirs], "to": ME});
    assert_eq!(desk.refused("transfer", request), "forbidden");
    let merge = json!({"record": A, "other": theirs});
    assert_eq!(desk.refused("merge_customers", merge), "forbidden");
    assert_eq!(
        desk.refused("merge_customers", json!({"record": A, "other": A})),
        "same_record"
    );
    let mut alone = two(Desk::alone());
    let preview = alone.shown("transfer_preview", json!({"customers": [B], "to": LI}));
    assert_eq!(preview["leaves"], false);
    alone.shown("transfer", json!({"customers": [B], "to": LI}));
    alone.shown("transfer", json!({"customers": [B], "to": ME}));
    assert_eq!(owner(&alone, B), Some(ME));
}

fn below(desk: &Desk) -> Json {
    let reminders = desk.read(|reader| reader.list(&ketu_store::Select::all("reminder")));
    let mut roots: Vec<Uuid> = reminders.iter().map(|reminder| reminder.root).collect();
    roots.push(desk.get("contact", WANG).unwrap().root);
    json!(roots)
}

#[test]
fn two_customers_become_one_with_all_that_either_says_and_two_again_by_undo() {
    for start in [Desk::new, Desk::alone] {
        let mut desk = two(start());
        desk.set("customer", B, "phone", "0755-26001234");
        let merged = desk.shown("merge_customers", json!({"record": A, "other": B}));
        assert_eq!(below(&desk), json!([A, A, A]));
        let gone = desk.get("customer", B).unwrap();
        assert_eq!(
            (gone.merged_into(), gone.deleted_at.is_some()),
            (Some(A), true)
        );
        assert!(desk.text("customer", A, "phone").unwrap().ends_with("1234"));
        assert_eq!(desk.text("customer", A, "note").as_deref(), Some("常来"));
        let undone = desk.shown("undo", json!({"tx": merged["tx"]}));
        assert_eq!(undone["kept"], json!([]));
        assert_eq!(below(&desk), json!([B, B, B]));
        let back = desk.get("customer", B).unwrap();
        assert_eq!((back.merged_into(), back.deleted_at), (None, None));
        assert_eq!(desk.text("customer", A, "phone"), None);
        desk.shown("redo", json!({}));
        assert_eq!(below(&desk), json!([A, A, A]));
        assert_eq!(desk.get("customer", B).unwrap().merged_into(), Some(A));
        desk.shown("undo", json!({}));
        assert_eq!(below(&desk), json!([B, B, B]));
    }
}

#[test]
fn only_the_merge_and_the_split_are_sent_and_a_refusal_shows_two_again() {
    let mut desk = two(Desk::new());
    let first = desk.push().unwrap();
    desk.answer(&first, |at| (41 + at as i64, Outcome::Applied));
    let merged = desk.shown("merge_customers", json!({"record": A, "other": B}));
    desk.shown("undo", json!({"tx": merged["tx"]}));
    let push = desk.push().unwrap();
    let sent: Vec<_> = push
        .ops
        .iter()
        .map(|op| (op.kind, op.record, op.other))
        .collect();
    assert_eq!(
        sent,
        [
            (Kind::Merge, A, Some(B)),
            (Kind::Split, A, Some(push.ops[0].op_id))
        ]
    );
    assert!(push.ops.iter().all(|op| op.patch.is_empty()));
    desk.answer(&push, |at| (50 + at as i64, Outcome::Applied));
    assert_eq!(below(&desk), json!([B, B, B]));

    desk.shown("merge_customers", json!({"record": A, "other": B}));
    let push = desk.push().unwrap();
    assert_eq!(push.ops.len(), 1, "the other says nothing more");
    desk.answer(&push, |_| (0, Outcome::rejected(Code::Moved)));
    assert_eq!(below(&desk), json!([B, B, B]));
    let told = desk.shown("attention", json!({}));
    let item = &told["items"][0];
    assert_eq!(
        (&item["kind"], &item["can_retry"]),
        (&json!("merge"), &json!(true))
    );
    assert_eq!(told["items"].as_array().unwrap().len(), 1);
    desk.shown("attention_retry", json!({"record": A, "op": item["op"]}));
    assert_eq!(below(&desk), json!([A, A, A]));
    let push = desk.push().unwrap();
    desk.answer(&push, |_| (60, Outcome::Applied));
    let mut gone = customer(B, 60, "华科公司");
    gone.deleted = Some(NOW);
    gone.fields.insert("merged_into".to_owned(), json!(A));
    desk.pull(60, vec![customer(A, 60, "华科"), gone, contact(60, A)], &[]);
    assert_eq!(desk.get("customer", B).unwrap().merged_into(), Some(A));
    desk.check();
}
