//! Pages of a pull, leaves and repairs in a real file.

use std::collections::BTreeSet;

use ketu_app::sync::local;
use ketu_model::Fields;
use ketu_store::Write;
use ketu_store::sync::{SyncWrites, Unsynced};
use ketu_sync::message::{Kind, Outcome, Refetch, Refetched, Refusal, Reply, Request};
use serde_json::json;
use uuid::Uuid;

use crate::desk::{Desk, EPOCH, LI, ME, MINE, NOW, customer, row};

const A: Uuid = Uuid::from_u128(0xa1);
const B: Uuid = Uuid::from_u128(0xb2);

#[test]
fn what_is_pulled_is_shown_edited_sent_answered_and_clean_again() {
    // docs/sync-protocol.md §5.6, R37
    let desk = Desk::new();
    desk.pull(
        40,
        vec![customer(A, 31, "华科"), customer(B, 32, "深蓝")],
        &[],
    );
    desk.check();
    assert_eq!(desk.state().checkpoint, 40);
    assert_eq!(desk.text("customer", A, "name").as_deref(), Some("华科"));
    assert!(desk.push().is_none());

    desk.set("customer", A, "alias", "科");
    desk.set("customer", A, "note", "常来\n爱喝茶");
    desk.check();
    assert_eq!(
        desk.read(|reader| reader.unsynced(A)),
        Some(Unsynced::Waiting)
    );
    let push = desk.push().unwrap();
    let told: Vec<_> = push
        .ops
        .iter()
        .map(|op| (op.op_seq, op.kind, op.base, op.seen))
        .collect();
    assert_eq!(told, [(1, Kind::Update, 31, 40), (2, Kind::Update, 31, 40)]);
    assert_eq!(
        desk.push().unwrap(),
        push,
        "until it is answered the same is sent"
    );
    assert_eq!(
        desk.read(|reader| reader.unsynced(A)),
        Some(Unsynced::UnderWay)
    );

    // Somebody else's edit comes before the answer: both are shown.
    let mut theirs = customer(A, 41, "华科技术");
    theirs
        .fields
        .insert("note".to_owned(), json!("常来\n不吃辣"));
    desk.pull(41, vec![theirs.clone()], &[]);
    desk.check();
    assert_eq!(
        desk.text("customer", A, "name").as_deref(),
        Some("华科技术")
    );
    assert_eq!(desk.text("customer", A, "alias").as_deref(), Some("科"));
    assert_eq!(
        desk.text("customer", A, "note").as_deref(),
        Some("常来\n不吃辣\n爱喝茶")
    );

    desk.answer(&push, |at| (42 + at as i64, Outcome::Applied));
    assert_eq!(
        desk.text("customer", A, "alias").as_deref(),
        Some("科"),
        "shown until it is pulled"
    );
    assert_eq!(desk.read(|reader| reader.unsynced(A)), None);
    let mut end = theirs;
    end.rev = 43;
    end.fields.insert("alias".to_owned(), json!("科"));
    desk.pull(43, vec![end], &[]);
    desk.check();
    assert_eq!(desk.text("customer", A, "alias").as_deref(), Some("科"));
    assert_eq!(
        desk.text("customer", A, "note").as_deref(),
        Some("常来\n不吃辣"),
        "as the server has it"
    );
    assert!(desk.read(|reader| reader.waiting()).is_empty());
    assert!(desk.push().is_none());
}

#[test]
fn a_record_that_leaves_goes_whole_and_its_own_edits_are_answered_first() {
    // §4.8, §5.5, R38
    let desk = Desk::new();
    let visit = Uuid::from_u128(0xc3);
    let rows = vec![
        customer(A, 31, "华科"),
        row(
            "interaction",
            visit,
            A,
            32,
            json!({"customer": A, "summary": "看了产线", "occurred_at": NOW}),
        ),
        customer(B, 33, "深蓝"),
    ];
    desk.pull(40, rows, &[]);
    desk.set("customer", A, "phone", "0755-26005678");
    let push = desk.push().unwrap();
    let gone = desk.pull(50, vec![], &[A, visit]).value.purged;
    assert_eq!(
        gone,
        BTreeSet::from([visit]),
        "the customer waits for its answer"
    );
    assert!(desk.get("customer", A).is_some());
    desk.check();
    let outcome = Outcome::HandedOver {
        to: Some(LI),
        card: None,
    };
    let taken = desk.answer(&push, |_| (51, outcome.clone()));
    assert_eq!(taken.value.purged, BTreeSet::from([A]));
    assert_eq!(taken.changes.len(), 1);
    assert!(desk.get("customer", A).is_none());
    desk.check();
    let attention = desk.read(|reader| reader.attention());
    assert!(
        attention[0].patch["phone"].1.is_string(),
        "what was typed is told"
    );
    let found = desk.store().search("华科", &[], 9).unwrap();
    assert!(found.hits.is_empty());
    local::forget_in_backups(desk.store()).unwrap();
    assert_eq!(desk.store().folder().list_backups().len(), 1);
}

#[test]
fn a_scope_that_is_no_longer_granted_is_dropped_whole() {
    let desk = Desk::new();
    desk.pull(
        40,
        vec![customer(A, 31, "华科"), customer(B, 32, "深蓝")],
        &[],
    );
    let mut page = crate::desk::page(41, vec![], &[], false);
    page.cursors.clear();
    let taken = desk.take(crate::desk::ask(), Reply::Pulled(page));
    assert_eq!(taken.value.purged, BTreeSet::from([A, B]));
    assert!(desk.get("customer", A).is_none());
    desk.check();
}

#[test]
fn buckets_that_differ_are_fetched_and_taken_whatever_their_revision() {
    // §6.2
    let desk = Desk::new();
    desk.pull(
        40,
        vec![customer(A, 31, "华科"), customer(B, 32, "深蓝")],
        &[],
    );
    let buckets = vec![0xa1, 0xb2];
    let request = Request::Refetch(Refetch {
        v: 1,
        epoch: EPOCH,
        scope: MINE,
        buckets,
    });
    let refetched = Refetched {
        now: NOW,
        head: 40,
        rows: vec![customer(A, 30, "老名字")],
        proofs: Default::default(),
    };
    desk.take(request, Reply::Refetched(refetched));
    assert_eq!(desk.text("customer", A, "name").as_deref(), Some("老名字"));
    assert!(desk.get("customer", B).is_none());
    desk.check();
}

#[test]
fn a_kept_sum_that_is_not_that_of_its_rows_is_found_and_mended() {
    // §6.1
    let desk = Desk::new();
    desk.pull(
        40,
        vec![customer(A, 31, "华科"), customer(B, 32, "深蓝")],
        &[],
    );
    let sums = || desk.read(|reader| local::sums(reader, MINE));
    let right = sums();
    desk.store()
        .transact(Write::confirmed(), |door| {
            door.write_sync(SyncWrites {
                sums: vec![(MINE, 0xa1, 17), (MINE, 0x07, u128::MAX)],
                ..SyncWrites::default()
            })
        })
        .unwrap();
    assert_ne!(sums(), right);
    let mended = local::mend_sums(desk.store()).unwrap();
    let buckets: Vec<u8> = mended.iter().map(|fault| fault.bucket).collect();
    assert_eq!(buckets, [0x07, 0xa1]);
    assert_eq!(sums(), right);
    desk.check();
}

#[test]
fn after_the_server_was_restored_what_it_forgot_is_sent_again_and_shown_throughout() {
    // §7.1
    let desk = Desk::new();
    desk.pull(40, vec![customer(A, 31, "华科")], &[]);
    desk.set("customer", A, "alias", "科");
    let push = desk.push().unwrap();
    desk.answer(&push, |_| (41, Outcome::Applied));
    let mut after = customer(A, 41, "华科");
    after.fields.insert("alias".to_owned(), json!("科"));
    desk.pull(41, vec![after], &[]);
    desk.set("customer", A, "phone", "0755-26005678");
    let epoch = Uuid::from_u128(0xe1);
    desk.refuse(Refusal::Epoch { epoch, floor: 35 });
    assert_eq!(desk.store().folder().list_backups().len(), 1);
    assert_eq!(desk.text("customer", A, "alias").as_deref(), Some("科"));
    desk.check();
    let again = desk.push().unwrap();
    let told: Vec<_> = again
        .ops
        .iter()
        .map(|op| (op.op_seq, op.was.clone()))
        .collect();
    assert_eq!(told, [(1, vec![41]), (2, vec![])]);
    assert_eq!(again.ops[0].op_id, push.ops[0].op_id);
    assert_eq!(
        (again.epoch, again.incarnation),
        (epoch, Uuid::from_u128(0xf5))
    );
    assert!(
        !desk.store().was_copied().unwrap(),
        "the new incarnation stands outside too"
    );
    // The older row is newer now.
    desk.pull(1 << 33, vec![customer(A, 31, "华科")], &[]);
    assert_eq!(desk.text("customer", A, "alias").as_deref(), Some("科"));
    desk.check();
}

#[test]
fn a_transfer_takes_deals_along_and_a_refusal_brings_all_back() {
    // §4.6
    let desk = Desk::new();
    let deal = Uuid::from_u128(0xd4);
    let rows = vec![
        customer(A, 31, "华科"),
        row(
            "opportunity",
            deal,
            A,
            32,
            json!({"customer": A, "name": "产线", "owner": ME}),
        ),
    ];
    desk.pull(40, rows, &[]);
    let reminder = desk.add(
        "reminder",
        Fields::new()
            .with("title", "回电")
            .with("customer", A)
            .with("due_at", ketu_model::Value::Instant(NOW)),
    );
    desk.set("customer", A, "owner", LI);
    let owners = || {
        [
            ("customer", A),
            ("opportunity", deal),
            ("reminder", reminder),
        ]
        .map(|(entity, id)| desk.get(entity, id).unwrap().fields.id("owner"))
    };
    assert_eq!(owners(), [Some(LI); 3]);
    desk.check();
    let push = desk.push().unwrap();
    let kinds: Vec<Kind> = push.ops.iter().map(|op| op.kind).collect();
    assert_eq!(
        kinds,
        [Kind::Create, Kind::Transfer],
        "what goes along is not sent"
    );
    let moved = Outcome::rejected(ketu_sync::message::Code::Moved);
    desk.answer(&push, |at| match at {
        0 => (41, Outcome::Applied),
        _ => (0, moved.clone()),
    });
    assert_eq!(owners(), [Some(ME); 3]);
    let counts = desk.read(|reader| reader.outbox_counts());
    assert_eq!(
        (counts.unanswered, counts.attention),
        (0, 1),
        "one answer, not three"
    );
    desk.check();
}
