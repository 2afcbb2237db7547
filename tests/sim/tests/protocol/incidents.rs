//! §4.2, §6, §7: messages twice, laptops twice, sums that differ, a server from a backup.

use fastrand::Rng;
use ketu_model::catalog::OLDEST_SCHEMA;
use ketu_sync::client::Session;
use ketu_sync::digest;
use ketu_sync::message::{Outcome, Refusal, Reply, Request, life};
use serde_json::json;
use uuid::Uuid;

use crate::desk::{Desk, LI, WANG, ZHANG};

fn pushed(desk: &mut Desk, at: usize) -> (Request, Reply) {
    let said = desk.exchange(at).unwrap();
    assert!(matches!(said.0, Request::Push(_)));
    said
}

#[test]
fn the_same_push_twice_has_the_same_answers_and_one_effect() {
    let mut desk = Desk::new();
    let zhang = desk.laptop(ZHANG);
    let customer = desk.customer(zhang, "华科");
    desk.set(zhang, customer, "note", json!("一"));
    let (push, first) = pushed(&mut desk, zhang);
    let head = desk.server.head;
    let (_, second) = desk.server.handle(ZHANG, &push, desk.now + 5_000);
    let (Reply::Pushed(first), Reply::Pushed(second)) = (first, second) else {
        panic!("both are answers");
    };
    assert_eq!(
        (first.answers, first.last_op_seq),
        (second.answers, second.last_op_seq)
    );
    assert_eq!(desk.server.head, head);
    assert_eq!(desk.at_the_server(customer).value("note"), "一");
}

#[test]
fn two_laptops_of_one_incarnation_are_told_apart_before_a_second_conflicting_edit_is_taken() {
    let mut desk = Desk::new();
    let zhang = desk.laptop(ZHANG);
    let customer = desk.customer(zhang, "华科");
    desk.sync_all();
    let twin = desk.copy(zhang);
    desk.set(zhang, customer, "alias", json!("甲"));
    desk.sync(zhang);
    let mine = desk.set(twin, customer, "address", json!("乙"));
    let (_, refused) = pushed(&mut desk, twin);
    assert_eq!(refused, Reply::Refused(Refusal::Clone));
    assert!(desk.at_the_server(customer).value("address").is_null());
    desk.sync_all();
    assert_ne!(
        desk.laptops[twin].file.state.incarnation,
        desk.laptops[zhang].file.state.incarnation
    );
    assert_eq!(desk.outcome(twin, &mine), &Outcome::Applied);
    assert_eq!(desk.value(zhang, customer, "address"), "乙");
}

#[test]
fn two_laptops_of_one_incarnation_are_told_apart_also_where_all_that_both_counted_is_known() {
    let mut desk = Desk::new();
    let zhang = desk.laptop(ZHANG);
    let customer = desk.customer(zhang, "华科");
    let fields = [
        ("name", json!("一期")),
        ("pipeline", json!(Uuid::from_u128(1).to_string())),
        ("stage", json!(Uuid::from_u128(2).to_string())),
    ];
    let deal = desk.below(zhang, "opportunity", customer, &fields);
    desk.sync_all();
    let stage = |n: u128| json!(Uuid::from_u128(n).to_string());
    // The twin goes on by itself, and is copied in its turn; that copy knows that it is one, and is heard first.
    let twin = desk.copy(zhang);
    desk.set(twin, customer, "alias", json!("甲"));
    let copy = desk.copy(twin);
    desk.notice_copy(copy);
    desk.sync(copy);
    desk.set(zhang, deal, "stage", stage(3));
    desk.sync(zhang);
    // The first op that the twin counts is another than the one that was counted there, but not unknown.
    let unseen = desk.set(twin, deal, "stage", stage(4));
    let (_, refused) = pushed(&mut desk, twin);
    assert_eq!(refused, Reply::Refused(Refusal::Clone));
    desk.sync_all();
    // Nobody saw the other's stage: both values are on a card.
    let cards = desk.cards("critical");
    assert_eq!(cards.len(), 1);
    assert_eq!(cards[0].version.op, unseen.op_id);
}

#[test]
fn a_server_from_yesterdays_backup_is_healed_by_its_laptops() {
    // SYNC goal 5, in memory: twenty laptops, a day of work, and every acknowledged edit returns.
    let mut desk = Desk::new();
    let users = [ZHANG, LI, WANG];
    let laptops: Vec<usize> = (0..20).map(|n| desk.laptop(users[n % 3])).collect();
    let mut customers: Vec<Uuid> = laptops
        .iter()
        .map(|at| desk.customer(*at, "客户"))
        .collect();
    desk.sync_all();
    let yesterday = desk.server.clone();
    for (n, at) in laptops.iter().enumerate() {
        desk.set(*at, customers[n], "alias", json!(format!("新{n}")));
        let new = desk.customer(*at, "新客户");
        desk.below(*at, "contact", new, &[("name", json!("王芳"))]);
        customers.push(new);
    }
    // A chain through three hands.
    let shared = customers[0];
    desk.sync_all();
    for (at, words) in [(2, "一"), (0, "二"), (2, "三")] {
        desk.set(laptops[at], shared, "address", json!(words));
        desk.sync(laptops[at]);
        desk.sync_all();
    }
    let before = desk.server.records.clone();
    let epoch = desk.id();
    desk.now += 86_400_000;
    desk.server = yesterday.restored(epoch, &desk.server, desk.now);
    for at in laptops.iter().rev() {
        desk.sync(*at);
    }
    desk.sync_all();
    for (id, record) in &before {
        let now = desk.at_the_server(*id);
        assert_eq!((&now.fields, now.deleted), (&record.fields, record.deleted));
        assert!(life(now.rev) == life(desk.server.head) || now.rev <= yesterday_head(&before));
    }
    assert!(desk.cards("critical").is_empty() && desk.cards("deleted").is_empty());
    for at in laptops {
        assert!(desk.laptops[at].file.unanswered().is_empty());
        assert_eq!(
            desk.value(at, shared, "address").as_str(),
            desk.shown(at, shared).map(|_| "三")
        );
    }
}

fn yesterday_head(records: &std::collections::BTreeMap<Uuid, ketu_sync::record::Record>) -> i64 {
    records.values().map(|record| record.rev).max().unwrap_or(0)
}

/// SYNC goal 16.
#[test]
fn every_injected_difference_is_found_and_mended_with_no_more_than_it_takes() {
    let mut desk = Desk::new();
    let zhang = desk.laptop(ZHANG);
    let customers: Vec<Uuid> = (0..300)
        .map(|n| desk.customer(zhang, &format!("客户{n}")))
        .collect();
    desk.sync_all();
    let whole = desk.laptops[zhang].file.views.clone();
    let mut rng = Rng::with_seed(16);
    for n in 0..1_000 {
        let victim = customers[rng.usize(..customers.len())];
        let file = &mut desk.laptops[zhang].file;
        if n % 3 == 0 {
            // A row that is gone.
            file.records.remove(&victim);
            file.views.remove(&victim);
        } else {
            let local = file.records.get_mut(&victim).unwrap();
            let row = local.base.as_mut().unwrap();
            row.fields
                .insert("alias".to_owned(), json!(format!("错{n}")));
            local.confirmed.as_mut().unwrap().sum = ketu_sync::message::Sum(row.sum());
            file.views.insert(victim, row.clone());
        }
        file.count_anew();
        let said = desk.sync(zhang);
        let fetched: Vec<&Vec<u8>> = said
            .iter()
            .filter_map(|(request, _)| match request {
                Request::Refetch(refetch) => Some(&refetch.buckets),
                _ => None,
            })
            .collect();
        assert_eq!(fetched.len(), 1, "one repair for difference {n}");
        assert_eq!(fetched[0], &vec![digest::bucket(victim)]);
        assert_eq!(desk.laptops[zhang].file.views, whole, "difference {n}");
    }
}

/// §3: work is never stranded.
#[test]
fn a_laptop_of_a_version_that_is_too_old_tells_its_work_and_then_has_to_be_updated() {
    let mut desk = Desk::new();
    let zhang = desk.laptop(ZHANG);
    let customer = desk.customer(zhang, "华科");
    desk.laptops[zhang].session = Some(Session::new(100, OLDEST_SCHEMA - 1));
    let said: Vec<_> = std::iter::from_fn(|| desk.exchange(zhang)).collect();
    assert!(matches!(said[0].0, Request::Push(_)));
    assert_eq!(desk.at_the_server(customer).value("name"), "华科");
    let (asked, ended) = said.last().unwrap();
    assert!(matches!(asked, Request::Pull(_)));
    assert!(matches!(ended, Reply::Refused(Refusal::TooOld)));
    // What it wrote it still shows, and goes on with after the update.
    assert_eq!(desk.value(zhang, customer, "name"), "华科");
    desk.sync(zhang);
    assert!(desk.laptops[zhang].file.unanswered().is_empty());
}
