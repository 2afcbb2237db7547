//! §4.3 to §4.5: two people change one field, one deletes what the other edits.

use ketu_sim::laptop::Wish;
use ketu_sync::message::{Kind, Outcome};
use serde_json::{Value as Json, json};

use crate::desk::{DAY, Desk, WANG, ZHANG};

/// Zhang and Wang have the same customer, deal and visit.
fn two_have_one() -> (Desk, usize, usize, uuid::Uuid, uuid::Uuid) {
    let mut desk = Desk::new();
    let (zhang, wang) = (desk.laptop(ZHANG), desk.laptop(WANG));
    let customer = desk.customer(zhang, "华科");
    let deal = desk.below(
        zhang,
        "opportunity",
        customer,
        &[
            ("name", json!("一期")),
            ("pipeline", json!("00000000-0000-0000-0000-000000000001")),
            ("stage", json!("00000000-0000-0000-0000-000000000002")),
            ("note", json!("一\n二\n三")),
        ],
    );
    desk.sync_all();
    (desk, zhang, wang, customer, deal)
}

#[test]
fn different_fields_of_one_record_merge_without_a_word() {
    let (mut desk, zhang, wang, customer, _) = two_have_one();
    desk.set(zhang, customer, "alias", json!("华"));
    desk.set(wang, customer, "address", json!("科技路 1 号"));
    desk.sync_all();
    for at in [zhang, wang] {
        assert_eq!(desk.value(at, customer, "alias"), "华");
        assert_eq!(desk.value(at, customer, "address"), "科技路 1 号");
    }
    assert!(desk.cards("critical").is_empty());
}

#[test]
fn an_edit_made_with_the_other_in_sight_stands_whatever_the_clock_says() {
    for skew in [-3_650 * DAY, 0, 3_650 * DAY] {
        let (mut desk, zhang, wang, customer, _) = two_have_one();
        desk.set(zhang, customer, "alias", json!("甲"));
        desk.sync_all();
        desk.laptops[wang].skew = skew;
        assert_eq!(desk.value(wang, customer, "alias"), "甲");
        let seen = desk.set(wang, customer, "alias", json!("乙"));
        desk.sync_all();
        assert_eq!(desk.outcome(wang, &seen), &Outcome::Applied, "{skew}");
        assert_eq!(desk.value(zhang, customer, "alias"), "乙", "{skew}");
    }
}

#[test]
fn of_two_unseen_edits_the_later_one_stands_and_not_the_one_that_arrives_later() {
    let (mut desk, zhang, wang, customer, _) = two_have_one();
    let early = desk.set(zhang, customer, "alias", json!("早"));
    desk.now += 3 * DAY;
    desk.set(wang, customer, "alias", json!("晚"));
    desk.sync(wang);
    // Three days offline.
    desk.sync(zhang);
    let lost = vec!["alias".to_owned()];
    assert_eq!(
        desk.outcome(zhang, &early),
        &Outcome::Merged { lost: lost.clone() }
    );
    desk.sync_all();
    for at in [zhang, wang] {
        assert_eq!(desk.value(at, customer, "alias"), "晚");
    }
    let entry = &desk.laptops[wang].file.history[&early.op_id];
    assert_eq!(
        (entry.lost.clone(), &entry.patch["alias"].1),
        (lost, &json!("早"))
    );
}

#[test]
fn a_clock_from_the_future_wins_no_more_than_one_that_is_right() {
    let (mut desk, zhang, wang, customer, _) = two_have_one();
    // Out of contact, so that the server's time did not correct it.
    desk.laptops[zhang].skew = 3_650 * DAY;
    desk.set(zhang, customer, "alias", json!("未来"));
    desk.sync(zhang);
    desk.now += DAY;
    desk.set(wang, customer, "alias", json!("次日"));
    desk.sync_all();
    assert_eq!(desk.value(zhang, customer, "alias"), "次日");
}

#[test]
fn a_chain_of_offline_edits_is_no_conflict_with_itself() {
    let (mut desk, zhang, _, _, deal) = two_have_one();
    for stage in 3..6 {
        let stage = json!(uuid::Uuid::from_u128(stage).to_string());
        let op = desk.set(zhang, deal, "stage", stage);
        // The answer is lost each time, so that the laptop says it again.
        let _ = (desk.exchange(zhang), desk.laptops[zhang].session = None);
        assert!(desk.own(zhang, &op).state.is_live() || desk.outcome(zhang, &op).stands());
    }
    desk.sync_all();
    assert!(desk.cards("critical").is_empty());
    assert_eq!(
        desk.at_the_server(deal).value("stage"),
        &json!(uuid::Uuid::from_u128(5).to_string())
    );
}

#[test]
fn an_edit_built_upon_a_refused_one_is_built_upon_what_that_was_built_upon() {
    for under_way in [false, true] {
        let (mut desk, zhang, _, customer, _) = two_have_one();
        desk.set(zhang, customer, "alias", json!("甲"));
        // It stands by the hand of the laptop's former incarnation, and was not pulled.
        desk.exchange(zhang);
        desk.laptops[zhang].session = None;
        desk.notice_copy(zhang);
        desk.laptops[zhang].skew = -10 * DAY;
        desk.laptops[zhang].file.hlc = ketu_model::clock::Hlc::default();
        desk.laptops[zhang].file.state.clock_offset = 0;
        let nameless = [("alias", json!("乙")), ("name", Json::Null)];
        let refused = desk.write(zhang, Kind::Update, "customer", customer, &nameless);
        if under_way {
            let Wish::Ask(request) = desk.laptops[zhang].wish() else {
                panic!("there is something to push");
            };
            let (_, reply) = desk.server.handle(ZHANG, &request, desk.now);
            desk.set(zhang, customer, "alias", json!("丙"));
            desk.hear(zhang, request, reply);
        } else {
            desk.set(zhang, customer, "alias", json!("丙"));
        }
        desk.sync_all();
        assert!(matches!(
            desk.outcome(zhang, &refused),
            Outcome::Rejected { .. }
        ));
        assert_eq!(
            desk.at_the_server(customer).value("alias"),
            "丙",
            "{under_way}"
        );
    }
}

#[test]
fn a_value_that_a_pending_edit_hid_was_not_seen() {
    let (mut desk, zhang, wang, customer, _) = two_have_one();
    let first = desk.set(zhang, customer, "alias", json!("我一"));
    desk.now += DAY;
    desk.set(wang, customer, "alias", json!("他"));
    desk.sync(wang);
    // Zhang's first edit loses; before the row with Wang's value is pulled, Zhang types on.
    desk.exchange(zhang);
    assert!(matches!(
        desk.outcome(zhang, &first),
        Outcome::Merged { .. }
    ));
    desk.laptops[zhang].skew = -10 * DAY;
    desk.laptops[zhang].file.state.clock_offset = 0;
    let second = desk.set(zhang, customer, "alias", json!("我二"));
    desk.sync_all();
    let stands = desk.outcome(zhang, &second).clone();
    let there = desk.at_the_server(customer).value("alias").clone();
    assert_eq!(
        (stands, there),
        (
            Outcome::Merged {
                lost: vec!["alias".into()]
            },
            json!("他")
        )
    );
}

#[test]
fn a_critical_field_that_two_changed_unseen_has_a_card_with_both_values() {
    let (mut desk, zhang, wang, _, deal) = two_have_one();
    desk.set(zhang, deal, "amount", json!([100, "CNY"]));
    desk.set(wang, deal, "amount", json!([200, "CNY"]));
    desk.sync_all();
    let cards = desk.cards("critical");
    assert_eq!(cards.len(), 1);
    let card = cards[0];
    assert_eq!(card.value("field"), "amount");
    assert_eq!(card.value("yours"), "[200,\"CNY\"]");
    assert_eq!(card.value("theirs"), "[100,\"CNY\"]");
    assert_eq!(card.value("your_author"), &json!(WANG.to_string()));
    assert_eq!(
        desk.at_the_server(deal).value("amount"),
        &json!([200, "CNY"])
    );
    let id = card.id;
    assert!(
        desk.shown(zhang, id).is_some(),
        "whoever has the customer has its cards"
    );
    // Two clicks later it is answered, and the answer is everybody's.
    desk.set(zhang, deal, "amount", json!([100, "CNY"]));
    desk.set(zhang, id, "state", json!("theirs"));
    desk.sync_all();
    assert_eq!(desk.value(wang, deal, "amount"), json!([100, "CNY"]));
    assert_eq!(desk.value(wang, id, "state"), "theirs");
    assert_eq!(desk.cards("critical").len(), 1);
}

#[test]
fn tags_are_added_and_taken_one_by_one_and_long_texts_by_lines() {
    let (mut desk, zhang, wang, customer, deal) = two_have_one();
    let tag = |n: u128| json!(uuid::Uuid::from_u128(n).to_string());
    desk.set(zhang, customer, "tags", json!([tag(1), tag(2)]));
    desk.sync_all();
    desk.set(zhang, customer, "tags", json!([tag(2), tag(3)]));
    desk.set(wang, customer, "tags", json!([tag(1), tag(2), tag(4)]));
    desk.set(zhang, deal, "note", json!("零\n一\n二\n三"));
    desk.set(wang, deal, "note", json!("一\n二\n三\n四"));
    desk.sync_all();
    for at in [zhang, wang] {
        assert_eq!(
            desk.value(at, customer, "tags"),
            json!([tag(2), tag(3), tag(4)])
        );
        assert_eq!(desk.value(at, deal, "note"), "零\n一\n二\n三\n四");
    }
}

#[test]
fn an_edit_beats_a_delete_that_did_not_see_it_from_either_side() {
    // The edit is there first.
    let (mut desk, zhang, wang, customer, deal) = two_have_one();
    desk.set(wang, deal, "name", json!("二期"));
    desk.sync(wang);
    let delete = desk.delete(zhang, customer);
    desk.sync_all();
    assert_eq!(
        desk.outcome(zhang, &delete),
        &Outcome::Merged {
            lost: vec!["deleted_at".into()]
        }
    );
    assert_eq!(desk.shown(zhang, customer).unwrap().deleted, None);
    assert_eq!(
        desk.cards("deleted")[0].value("asked"),
        &json!(ZHANG.to_string())
    );
    // The delete is there first.
    let (mut desk, zhang, wang, customer, deal) = two_have_one();
    desk.delete(zhang, customer);
    desk.sync(zhang);
    desk.set(wang, deal, "name", json!("二期"));
    desk.sync_all();
    assert_eq!(desk.at_the_server(customer).deleted, None);
    assert_eq!(
        desk.cards("revived")[0].value("asked"),
        &json!(ZHANG.to_string())
    );
    // A delete that saw everything stands.
    let (mut desk, zhang, wang, customer, deal) = two_have_one();
    desk.set(wang, deal, "name", json!("二期"));
    desk.sync_all();
    desk.delete(zhang, customer);
    desk.sync_all();
    assert!(desk.shown(wang, customer).unwrap().deleted.is_some());
    assert!(desk.cards("deleted").is_empty());
}

#[test]
fn what_a_newer_version_wrote_survives_an_older_one() {
    let (mut desk, zhang, wang, customer, _) = two_have_one();
    desk.set(
        zhang,
        customer,
        "carbon_footprint",
        json!({"b": 2.0, "a": [1.0]}),
    );
    desk.sync_all();
    desk.set(wang, customer, "alias", json!("华"));
    desk.sync_all();
    let kept = desk
        .at_the_server(customer)
        .value("carbon_footprint")
        .clone();
    assert_eq!(kept, json!({"a": [1], "b": 2}));
    assert_eq!(desk.value(wang, customer, "carbon_footprint"), kept);
}

#[test]
fn a_value_that_a_record_must_not_hold_is_refused_and_blocks_nothing() {
    let (mut desk, zhang, wang, customer, _) = two_have_one();
    let bad = desk.set(zhang, customer, "uscc", json!("not a code"));
    let empty = desk.set(zhang, customer, "name", Json::Null);
    let good = desk.set(zhang, customer, "alias", json!("华"));
    desk.sync_all();
    for op in [&bad, &empty] {
        assert!(matches!(desk.outcome(zhang, op), Outcome::Rejected { .. }));
        assert_eq!(desk.own(zhang, op).op.patch, op.patch, "the text is kept");
    }
    assert_eq!(desk.outcome(zhang, &good), &Outcome::Applied);
    assert_eq!(desk.value(zhang, customer, "name"), "华科");
    assert_eq!(desk.value(wang, customer, "alias"), "华");
}
