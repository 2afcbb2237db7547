//! Cards that ask a person to decide (B6).

use ketu_sync::message::{Kind, Outcome};
use ketu_sync::record::Row;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::desk::{Desk, LI, ME, NOW, customer, row};

const A: Uuid = Uuid::from_u128(0xa1);
const B: Uuid = Uuid::from_u128(0xb1);
const DEAL: Uuid = Uuid::from_u128(0xd1);
const CARD: Uuid = Uuid::from_u128(0xc1);

fn deal(rev: i64, amount: i64) -> Row {
    let fields = json!({
        "name": "产线改造", "customer": A, "owner": ME,
        "pipeline": ketu_model::catalog::shipped::shipped_pipeline("project"),
        "amount": money(amount),
    });
    row("opportunity", DEAL, A, rev, fields)
}

fn card(id: Uuid, kind: &str, about: (&str, Uuid), more: Json) -> Row {
    let mut fields = json!({
        "customer": A, "kind": kind, "entity": about.0, "record": about.1, "state": "open",
        "your_author": ME, "your_time": NOW - 1_000, "their_author": LI, "their_time": NOW - 2_000,
    });
    for (key, value) in more.as_object().unwrap() {
        fields[key] = value.clone();
    }
    row("conflict", id, A, 60, fields)
}

fn money(minor: i64) -> Json {
    json!([minor, "CNY"])
}

fn disputed() -> Desk {
    let desk = Desk::new();
    let amount = card(
        CARD,
        "critical",
        ("opportunity", DEAL),
        json!({
            "field": "amount", "base": money(100).to_string(),
            "yours": money(200).to_string(), "theirs": money(300).to_string(),
        }),
    );
    let rows = vec![
        customer(A, 31, "华科"),
        customer(B, 32, "华科公司"),
        deal(50, 300),
        amount,
    ];
    desk.pull(60, rows, &[]);
    desk
}

fn cards(desk: &mut Desk, settled: bool) -> Vec<Json> {
    let conflicts = desk.shown("conflicts", json!({"settled": settled}));
    conflicts["cards"].as_array().unwrap().clone()
}

fn amount(desk: &Desk) -> Json {
    desk.get("opportunity", DEAL)
        .unwrap()
        .fields
        .value("amount")
        .to_json()
}

#[test]
fn a_disputed_amount_shows_all_sides_and_is_settled_and_taken_back_in_one_step() {
    let mut desk = disputed();
    let conflicts = desk.shown("conflicts", json!({}));
    let card = &conflicts["cards"][0];
    assert_eq!(
        card["fields"],
        json!([{
            "field": "amount", "base": money(100), "yours": money(200), "theirs": money(300),
            "current": money(300),
        }])
    );
    assert_eq!(
        (
            &card["mine"],
            &card["title"],
            &card["customer_name"],
            &card["state"]
        ),
        (
            &json!(true),
            &json!("产线改造"),
            &json!("华科"),
            &json!("open")
        )
    );
    assert_eq!(conflicts["titles"][LI.to_string()], "李雷");
    let settled = desk.shown(
        "settle_conflicts",
        json!({"ids": [CARD], "choice": "yours"}),
    );
    assert_eq!(amount(&desk), money(200));
    assert_eq!(cards(&mut desk, false), Vec::<Json>::new());
    let done = cards(&mut desk, true);
    assert_eq!(
        (&done[0]["state"], &done[0]["settled_by"]),
        (&json!("yours"), &settled["tx"])
    );
    assert_eq!(
        desk.refused(
            "settle_conflicts",
            json!({"ids": [CARD], "choice": "theirs"})
        ),
        "already_settled"
    );
    let push = desk.push().unwrap();
    let told: Vec<_> = push
        .ops
        .iter()
        .map(|op| (op.entity.as_str(), op.atomic))
        .collect();
    assert_eq!(told, [("opportunity", true), ("conflict", true)]);
    desk.shown("undo", json!({"tx": settled["tx"]}));
    assert_eq!(amount(&desk), money(300));
    assert_eq!(cards(&mut desk, true)[0]["state"], "open");
    desk.check();
}

#[test]
fn several_cards_are_settled_together_or_not_at_all() {
    let mut desk = disputed();
    let [proposed, removed, revived] = [0xc2, 0xc3, 0xc4].map(Uuid::from_u128);
    let rows = vec![
        card(
            proposed,
            "proposed",
            ("customer", A),
            json!({"field": "alias", "yours": "\"科\""}),
        ),
        card(
            removed,
            "deleted",
            ("opportunity", DEAL),
            json!({"field": "deleted_at", "asked": ME}),
        ),
        card(
            revived,
            "revived",
            ("customer", A),
            json!({"field": "deleted_at", "asked": LI}),
        ),
    ];
    desk.pull(70, rows, &[]);
    let all = cards(&mut desk, false);
    assert_eq!(all.len(), 4);
    let mine: Vec<&Json> = all.iter().filter(|card| card["mine"] == true).collect();
    assert_eq!(mine.len(), 3, "Li Lei is asked whether the customer stays");
    let unknown = Uuid::from_u128(0xdead);
    let ids = json!([CARD, proposed, unknown]);
    desk.refused("settle_conflicts", json!({"ids": ids, "choice": "yours"}));
    assert_eq!(desk.text("customer", A, "alias"), None, "none of it");
    let ids = json!([CARD, proposed, removed, revived]);
    desk.shown("settle_conflicts", json!({"ids": ids, "choice": "yours"}));
    assert_eq!(desk.text("customer", A, "alias").as_deref(), Some("科"));
    assert!(desk.get("opportunity", DEAL).unwrap().deleted_at.is_some());
    assert!(desk.get("customer", A).unwrap().deleted_at.is_none());
    assert_eq!(
        desk.read(|reader| reader.steps()).0.unwrap().action,
        "settle"
    );
}

#[test]
fn what_was_settled_meanwhile_stands_and_the_other_cards_are_decided() {
    let mut desk = disputed();
    let [mine, theirs] = [0xc6, 0xc7].map(Uuid::from_u128);
    let alias = |id: Uuid, field: &str, state: &str| {
        let more = json!({"field": field, "yours": "\"科\"", "state": state});
        card(id, "proposed", ("customer", A), more)
    };
    // Two cards that were open when the window showed them; a colleague was quicker with one.
    let settled = alias(theirs, "address", "theirs");
    let settled = Row {
        updated_by: Some(LI),
        ..settled
    };
    desk.pull(70, vec![alias(mine, "alias", "open"), settled], &[]);
    let ids = json!([theirs, mine, CARD]);
    let done = desk.shown("settle_conflicts", json!({"ids": ids, "choice": "yours"}));
    assert_eq!(
        (&done["id"], &done["skipped"]),
        (&json!(mine), &json!([theirs]))
    );
    assert_eq!(desk.text("customer", A, "alias").as_deref(), Some("科"));
    assert_eq!(
        desk.text("customer", A, "address"),
        None,
        "as it was decided"
    );
    assert_eq!(amount(&desk), money(200));
    let again = json!({"ids": [theirs, mine], "choice": "theirs"});
    assert_eq!(desk.refused("settle_conflicts", again), "already_settled");

    let told = desk.shown("conflicts", json!({"settled": true}));
    let of = |id: Uuid| {
        let mut cards = told["cards"].as_array().unwrap().iter();
        cards.find(|card| card["id"] == json!(id)).unwrap()
    };
    let decided = |id: Uuid| {
        let card = of(id);
        (
            &card["decided_by"],
            &card["decided_here"],
            &card["settled_by"],
        )
    };
    assert_eq!(decided(theirs), (&json!(LI), &json!(false), &Json::Null));
    assert_eq!(decided(mine), (&json!(ME), &json!(true), &done["tx"]));
    assert_eq!(told["titles"][LI.to_string()], "李雷");
}

#[test]
fn two_companies_of_one_number_stay_two_or_become_one() {
    let mut desk = disputed();
    let twin = Uuid::from_u128(0xc5);
    let about = card(
        twin,
        "duplicate",
        ("customer", B),
        json!({
            "customer": B, "field": "uscc",
            "yours": json!(B).to_string(), "theirs": json!(A).to_string(),
        }),
    );
    desk.pull(70, vec![Row { root: B, ..about }], &[]);
    let conflicts = desk.shown("conflicts", json!({}));
    let told = conflicts["cards"].as_array().unwrap();
    let told = told.iter().find(|card| card["id"] == json!(twin)).unwrap();
    assert_eq!(told["fields"][0]["theirs"], json!(A));
    assert_eq!(conflicts["titles"][A.to_string()], "华科");
    desk.shown(
        "settle_conflicts",
        json!({"ids": [twin], "choice": "yours"}),
    );
    let gone = desk.get("customer", B).unwrap();
    assert_eq!(
        (gone.merged_into(), gone.deleted_at.is_some()),
        (Some(A), true)
    );
    assert_eq!(
        desk.get("conflict", twin).unwrap().root,
        A,
        "the card moved along"
    );
    let push = desk.push().unwrap();
    let sent: Vec<_> = push.ops.iter().map(|op| op.kind).collect();
    assert_eq!(sent, [Kind::Merge, Kind::Update]);
    desk.answer(&push, |at| (80 + at as i64, Outcome::Applied));
    desk.check();
}
