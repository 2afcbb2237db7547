//! §1.7, §4.6 to §4.8, §5.4, §5.5: owners, shares and teams change, and copies with them.

use ketu_model::authorize::{Level, Role};
use ketu_sync::message::{Code, Kind, Outcome, Reply};
use ketu_sync::record::id_json;
use ketu_sync::server::{Action, Person};
use serde_json::json;
use uuid::Uuid;

use crate::desk::{Desk, LI, WANG, ZHANG};

#[test]
fn offline_edits_on_a_lost_customer_are_kept_as_facts_and_cards() {
    // Zhang, offline, edits the phone and logs a visit; meanwhile the manager gives the customer to Li.
    let mut desk = Desk::new();
    let (zhang, li, wang) = (desk.laptop(ZHANG), desk.laptop(LI), desk.laptop(WANG));
    let customer = desk.customer(zhang, "华科");
    let person = desk.below(zhang, "contact", customer, &[("name", json!("王芳"))]);
    desk.sync_all();
    let phone = desk.set(zhang, customer, "phone", json!("0755-26001234"));
    let visit = desk.below(
        zhang,
        "interaction",
        customer,
        &[
            ("kind", id_json(Uuid::from_u128(2))),
            ("occurred_at", json!(desk.now)),
            ("summary", json!("谈了样机")),
        ],
    );
    desk.set(zhang, visit, "summary", json!("谈了样机和价格"));
    desk.transfer(wang, customer, LI);
    desk.sync(wang);
    desk.sync(li);
    desk.sync(zhang);
    desk.sync(li);
    // The visit is Zhang's, at Li's laptop, as last written.
    let kept = desk.shown(li, visit).unwrap();
    assert_eq!(
        (kept.created_by, kept.value("summary")),
        (Some(ZHANG), &json!("谈了样机和价格"))
    );
    // The phone is a card for Li, and Li's record is as it was.
    assert!(matches!(
        desk.outcome(zhang, &phone),
        Outcome::HandedOver {
            to: Some(LI),
            card: Some(_)
        }
    ));
    assert!(desk.value(li, customer, "phone").is_null());
    let card = desk.cards("proposed")[0].id;
    assert_eq!(desk.value(li, card, "yours"), "\"0755-26001234\"");
    // Nothing of it is left at Zhang's but what was typed.
    for id in [customer, person, visit, card] {
        assert_eq!(desk.shown(zhang, id), None);
        assert!(!desk.laptops[zhang].file.records.contains_key(&id));
    }
    assert_eq!(desk.own(zhang, &phone).op.patch["phone"].1, "0755-26001234");
    // After that Zhang has no more to say about it.
    let late = desk.write(
        zhang,
        Kind::Update,
        "customer",
        customer,
        &[("alias", json!("x"))],
    );
    desk.sync(zhang);
    let forbidden = Outcome::Rejected {
        code: Code::Forbidden,
        field: None,
    };
    assert_eq!(desk.outcome(zhang, &late), &forbidden);
}

#[test]
fn a_customer_goes_with_its_deals_and_reminders_and_without_its_past_authors() {
    let mut desk = Desk::new();
    let (zhang, li) = (desk.laptop(ZHANG), desk.laptop(LI));
    let customer = desk.customer(zhang, "华科");
    let deal = desk.below(
        zhang,
        "opportunity",
        customer,
        &[
            ("name", json!("一期")),
            ("pipeline", id_json(Uuid::from_u128(1))),
            ("stage", id_json(Uuid::from_u128(2))),
            ("owner", id_json(ZHANG)),
        ],
    );
    let mut reminder = |done: bool| {
        let mut fields = vec![
            ("title", json!("回访")),
            ("due_at", json!(1_790_000_000_000_i64)),
            ("owner", id_json(ZHANG)),
        ];
        if done {
            fields.push(("done_at", json!(1_790_000_000_000_i64)));
        }
        desk.below(zhang, "reminder", customer, &fields)
    };
    let (open, done) = (reminder(false), reminder(true));
    let visit = desk.below(
        zhang,
        "interaction",
        customer,
        &[
            ("kind", id_json(Uuid::from_u128(2))),
            ("occurred_at", json!(desk.now)),
            ("summary", json!("谈")),
            ("owner", id_json(ZHANG)),
        ],
    );
    desk.sync_all();
    desk.transfer(zhang, customer, LI);
    desk.sync_all();
    for id in [customer, deal, open] {
        assert_eq!(desk.value(li, id, "owner"), id_json(LI));
    }
    assert_eq!(
        desk.value(li, visit, "owner"),
        id_json(ZHANG),
        "who made a visit made it"
    );
    assert_eq!(
        desk.shown(li, done),
        None,
        "what was private and is done stays with whoever did it"
    );
    let left: Vec<Uuid> = desk.laptops[zhang].file.views.keys().copied().collect();
    assert_eq!(left, [done]);
}

#[test]
fn of_two_transfers_that_did_not_see_each_other_the_second_is_told() {
    let mut desk = Desk::new();
    let (zhang, wang) = (desk.laptop(ZHANG), desk.laptop(WANG));
    let customer = desk.customer(zhang, "华科");
    desk.sync_all();
    desk.transfer(wang, customer, LI);
    let second = desk.transfer(zhang, customer, WANG);
    desk.sync(wang);
    desk.sync(zhang);
    assert_eq!(desk.at_the_server(customer).id_in("owner"), Some(LI));
    // Zhang had the customer when offline: the wish is a card, and not forgotten.
    assert!(matches!(
        desk.outcome(zhang, &second),
        Outcome::HandedOver { card: Some(_), .. }
    ));
}

#[test]
fn a_share_brings_the_whole_customer_and_its_end_takes_the_whole_of_it() {
    let mut desk = Desk::new();
    let (zhang, li) = (desk.laptop(ZHANG), desk.laptop(LI));
    let customer = desk.customer(zhang, "华科");
    let person = desk.below(zhang, "contact", customer, &[("name", json!("王芳"))]);
    desk.sync_all();
    assert!(desk.laptops[li].file.views.is_empty());
    let share = |level| Action::Share {
        root: customer,
        user: LI,
        level,
    };
    assert!(
        desk.server
            .act(LI, &share(Level::Write), desk.now)
            .is_none(),
        "nobody helps himself"
    );
    assert!(
        desk.server
            .act(ZHANG, &share(Level::Read), desk.now)
            .is_some()
    );
    desk.sync_all();
    assert!(desk.shown(li, customer).is_some() && desk.shown(li, person).is_some());
    let refused = desk.set(li, person, "title", json!("总监"));
    desk.sync_all();
    assert!(matches!(
        desk.outcome(li, &refused),
        Outcome::Rejected {
            code: Code::Forbidden,
            ..
        }
    ));
    assert!(
        desk.server
            .act(WANG, &share(Level::Write), desk.now)
            .is_some()
    );
    desk.set(li, person, "title", json!("总监"));
    desk.sync_all();
    assert_eq!(desk.value(zhang, person, "title"), "总监");
    // A pending edit outlives the share.
    let late = desk.set(li, person, "title", json!("总经理"));
    let unshare = Action::Unshare {
        root: customer,
        user: LI,
    };
    assert!(desk.server.act(ZHANG, &unshare, desk.now).is_some());
    desk.sync_all();
    assert!(desk.laptops[li].file.views.is_empty());
    assert!(matches!(
        desk.outcome(li, &late),
        Outcome::HandedOver {
            to: Some(ZHANG),
            ..
        }
    ));
    assert_eq!(desk.cards("proposed").len(), 1);
    // And again: a scope that comes back is read as it is now.
    desk.delete(zhang, person);
    let other = desk.below(zhang, "contact", customer, &[("name", json!("赵敏"))]);
    desk.sync_all();
    assert!(
        desk.server
            .act(ZHANG, &share(Level::Read), desk.now)
            .is_some()
    );
    desk.sync_all();
    assert!(desk.shown(li, other).is_some());
    assert!(
        desk.shown(li, person)
            .is_some_and(|row| row.deleted.is_some())
    );
}

#[test]
fn somebody_elses_deal_below_a_customer_is_a_share_while_it_lasts() {
    let mut desk = Desk::new();
    let (zhang, li) = (desk.laptop(ZHANG), desk.laptop(LI));
    let customer = desk.customer(zhang, "华科");
    desk.sync_all();
    let deal = desk.below(
        zhang,
        "opportunity",
        customer,
        &[
            ("name", json!("一期")),
            ("pipeline", id_json(Uuid::from_u128(1))),
            ("stage", id_json(Uuid::from_u128(2))),
            ("owner", id_json(LI)),
        ],
    );
    desk.sync_all();
    assert!(desk.shown(li, deal).is_some() && desk.shown(li, customer).is_some());
    desk.delete(zhang, deal);
    desk.sync_all();
    assert!(desk.laptops[li].file.views.is_empty());
}

#[test]
fn a_manager_who_is_one_no_more_loses_the_teams_customers_at_the_next_contact() {
    let mut desk = Desk::new();
    let (zhang, wang) = (desk.laptop(ZHANG), desk.laptop(WANG));
    let customer = desk.customer(zhang, "华科");
    desk.sync_all();
    assert!(desk.shown(wang, customer).is_some());
    let person = Person {
        role: Role::Salesperson,
        leader: None,
        active: true,
    };
    desk.server
        .act(WANG, &Action::Set { user: WANG, person }, desk.now);
    desk.sync(wang);
    assert!(desk.laptops[wang].file.views.is_empty());
    assert!(desk.laptops[wang].file.records.is_empty());
    // Nothing of it was in what was sent, either.
    let said = desk.sync(wang);
    assert!(said.iter().all(|(_, reply)| match reply {
        Reply::Pulled(pulled) => pulled.rows.is_empty() && pulled.history.is_empty(),
        _ => true,
    }));
}

#[test]
fn a_merge_moves_everything_and_a_split_moves_it_back() {
    let mut desk = Desk::new();
    let (zhang, wang) = (desk.laptop(ZHANG), desk.laptop(WANG));
    let (kept, gone) = (
        desk.customer(zhang, "华科技术"),
        desk.customer(zhang, "华科"),
    );
    let person = desk.below(zhang, "contact", gone, &[("name", json!("王芳"))]);
    desk.sync_all();
    let mut merge = desk.write(zhang, Kind::Merge, "customer", kept, &[]);
    // Written without its other side first: replace it as the door would have made it.
    merge.other = Some(gone);
    desk.laptops[zhang]
        .file
        .ops
        .get_mut(&merge.op_id)
        .unwrap()
        .op
        .other = Some(gone);
    let local = desk.laptops[zhang].file.records.get_mut(&kept).unwrap();
    local.ops.last_mut().unwrap().op.other = Some(gone);
    // A colleague who has not heard of it adds a person to the one that goes, and edits it.
    let late = desk.below(wang, "contact", gone, &[("name", json!("赵敏"))]);
    let edit = desk.set(wang, gone, "alias", json!("华"));
    desk.sync_all();
    assert_eq!(desk.outcome(zhang, &merge), &Outcome::Applied);
    for id in [person, late] {
        assert_eq!(desk.shown(wang, id).unwrap().root, kept);
        assert_eq!(desk.value(wang, id, "customer"), id_json(kept));
    }
    assert!(matches!(
        desk.outcome(wang, &edit),
        Outcome::HandedOver { card: Some(_), .. }
    ));
    assert!(desk.shown(wang, gone).unwrap().deleted.is_some());
    let split = desk.write(zhang, Kind::Split, "customer", kept, &[]);
    desk.laptops[zhang]
        .file
        .ops
        .get_mut(&split.op_id)
        .unwrap()
        .op
        .other = Some(merge.op_id);
    let local = desk.laptops[zhang].file.records.get_mut(&kept).unwrap();
    local.ops.last_mut().unwrap().op.other = Some(merge.op_id);
    desk.sync_all();
    assert_eq!(desk.shown(wang, person).unwrap().root, gone);
    assert_eq!(
        desk.shown(wang, late).unwrap().root,
        kept,
        "what came later stays"
    );
    assert_eq!(desk.shown(wang, gone).unwrap().deleted, None);
}
