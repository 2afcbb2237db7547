//! What waits to be sent: taken back, kept in the journal, brought back after a restore.

use std::collections::BTreeSet;

use ketu_app::sync::local::{self, Cancelled};
use ketu_model::Fields;
use ketu_store::file::{BackupReason, restore};
use ketu_sync::client::Event;
use ketu_sync::message::{Code, Outcome};
use uuid::Uuid;

use crate::desk::{Desk, ME, NOW, customer};

const A: Uuid = Uuid::from_u128(0xa1);
const DAY: i64 = 24 * 3_600_000;

fn pulled() -> Desk {
    let desk = Desk::new();
    desk.pull(40, vec![customer(A, 31, "华科")], &[]);
    desk
}

/// Whether it was taken back or others need it; nothing where it was sent.
fn cancelled(desk: &Desk, record: Uuid, op: Uuid) -> Option<bool> {
    match local::cancel(desk.store(), record, op).unwrap().value {
        Cancelled::Done(_) => Some(true),
        Cancelled::BuiltUpon => Some(false),
        Cancelled::Sent => None,
    }
}

#[test]
fn an_edit_that_was_not_sent_is_taken_back_unless_later_ones_need_it() {
    let desk = pulled();
    desk.set("customer", A, "alias", "科");
    desk.set("customer", A, "alias", "科技");
    let company = desk.add("customer", Fields::new().with("name", "深蓝"));
    let person = desk.add(
        "contact",
        Fields::new().with("name", "王芳").with("customer", company),
    );
    let ops = desk.read(|reader| reader.unanswered());
    let cancel = |at: usize| cancelled(&desk, ops[at].record, ops[at].op) == Some(true);
    assert!(!cancel(0), "the second one continues it");
    assert!(!cancel(2), "a contact hangs below it");
    assert!(cancel(1));
    assert_eq!(desk.text("customer", A, "alias").as_deref(), Some("科"));
    assert!(cancel(0));
    assert_eq!(desk.text("customer", A, "alias"), None);
    desk.check();
    assert!(cancel(3) && cancel(2));
    assert!(desk.get("contact", person).is_none() && desk.get("customer", company).is_none());
    assert!(!cancel(1), "once");
    assert!(desk.push().is_none());
    assert_eq!(
        desk.store().lost_ops().unwrap(),
        [],
        "nor is it taken up again"
    );
    desk.set("customer", A, "alias", "科");
    let sent = desk.push().unwrap();
    assert_eq!(cancelled(&desk, A, sent.ops[0].op_id), None);
}

#[test]
fn what_ships_with_ketu_stays_though_an_edit_of_it_is_taken_back_or_refused() {
    let desk = pulled();
    let option = ketu_model::catalog::shipped::shipped_option("customer.level", "A 重点");
    let name = || desk.text("option", option, "name_en").unwrap();
    let before = name();
    desk.set("option", option, "name_en", "Top");
    let own = desk.read(|reader| reader.unanswered()).remove(0);
    assert_eq!(cancelled(&desk, own.record, own.op), Some(true));
    assert_eq!(name(), before);
    desk.set("option", option, "name_en", "Top");
    let push = desk.push().unwrap();
    desk.answer(&push, |_| (0, Outcome::rejected(Code::NotFound)));
    assert_eq!(name(), before);
}

#[test]
fn edits_that_were_not_sent_come_back_after_an_older_backup_is_restored() {
    // §7.2, §7.3
    let mut desk = pulled();
    desk.set("customer", A, "alias", "科");
    let backup = desk.store().back_up(BackupReason::Manual).unwrap();
    let first = desk.push().unwrap();
    desk.answer(&first, |_| (41, Outcome::Applied));
    desk.clock.advance(1_000);
    desk.set("customer", A, "phone", "0755-26005678");
    let company = desk.add(
        "customer",
        Fields::new().with("name", "深蓝").with("note", "新客户"),
    );
    let refused = desk.add("customer", Fields::new().with("name", "不要"));
    let push = desk.push().unwrap();
    assert_eq!(push.ops.len(), 3);
    desk.answer(&push, |at| match at {
        2 => (0, Outcome::rejected(Code::Invalid)),
        at => (
            50 + at as i64,
            Outcome::Deferred {
                code: Code::UnknownEntity,
            },
        ),
    });
    let hlc = desk.read(|reader| reader.unanswered())[0].hlc;
    desk.close();
    restore(&desk.location(), &backup.name, None).unwrap();
    desk.open();
    assert!(
        desk.get("customer", company).is_none(),
        "the backup is older"
    );
    assert!(desk.store().was_copied().unwrap());
    assert_eq!(local::recover(desk.store()).unwrap().value, 2);
    assert_eq!(local::recover(desk.store()).unwrap().value, 0, "once");
    assert_eq!(
        desk.text("customer", company, "note").as_deref(),
        Some("新客户")
    );
    assert!(desk.text("customer", A, "phone").unwrap().ends_with("5678"));
    assert!(
        desk.get("customer", refused).is_none(),
        "what the server refused stays away"
    );
    desk.check();
    let incarnation = Uuid::from_u128(0xabc);
    local::take(desk.store(), &Event::Copied(incarnation), incarnation).unwrap();
    assert!(!desk.store().was_copied().unwrap());
    let again = desk.push().unwrap();
    let told: Vec<_> = again.ops.iter().map(|op| (op.op_seq, op.op_id)).collect();
    let as_they_were = [first.ops[0].op_id, push.ops[0].op_id, push.ops[1].op_id];
    assert_eq!(
        told,
        [1, 2, 3].map(|seq| (seq, as_they_were[usize::try_from(seq).unwrap() - 1]))
    );
    assert_eq!((again.ops[1].base, again.ops[1].hlc), (31, hlc));
    assert_eq!(again.incarnation, incarnation);
    // What is typed now comes after what came back.
    desk.set("customer", A, "note", "后来的");
    let last = desk.read(|reader| reader.unanswered()).pop().unwrap();
    assert!(last.hlc > hlc);
}

#[test]
fn work_that_was_never_sent_is_in_the_journal_once_the_file_is_closed() {
    // §7.3
    let mut desk = pulled();
    let backup = desk.store().back_up(BackupReason::Manual).unwrap();
    let company = desk.add("customer", Fields::new().with("name", "深蓝"));
    desk.close();
    restore(&desk.location(), &backup.name, None).unwrap();
    desk.open();
    assert!(desk.get("customer", company).is_none());
    assert_eq!(local::recover(desk.store()).unwrap().value, 1);
    assert!(desk.get("customer", company).is_some());
}

#[test]
fn a_laptop_on_its_own_has_no_journal_and_joins_with_all_its_work() {
    let mut desk = Desk::alone();
    let company = desk.add("customer", Fields::new().with("name", "华科"));
    desk.open();
    assert!(!desk.store().folder().journal().exists());
    assert!(!desk.store().was_copied().unwrap());
    local::begin(desk.store(), Uuid::from_u128(1)).unwrap();
    assert!(desk.store().folder().journal().exists());
    assert!(!desk.store().was_copied().unwrap());
    let push = desk.push().unwrap();
    assert_eq!((push.ops[0].record, push.ops[0].seen), (company, 0));
    assert!(push.epoch.is_nil());
    desk.open();
    assert!(!desk.store().was_copied().unwrap());
}

#[test]
fn an_answer_that_was_committed_and_not_noted_is_noted_at_the_next_open() {
    // Killed between the commit and the mark.
    let mut desk = pulled();
    desk.set("customer", A, "alias", "科");
    let push = desk.push().unwrap();
    let journal = desk.store().folder().journal();
    let before = std::fs::read(&journal).unwrap();
    desk.answer(&push, |_| (41, Outcome::Applied));
    desk.close();
    let noted = std::fs::read(&journal).unwrap();
    assert!(noted.len() > before.len());
    std::fs::write(&journal, &before).unwrap();
    desk.open();
    assert_eq!(std::fs::read(&journal).unwrap().len(), noted.len());
}

#[test]
fn answered_ops_stay_in_the_journal_for_thirty_days_and_go_with_their_record() {
    let mut desk = pulled();
    desk.set("customer", A, "alias", "科");
    let other = desk.add("customer", Fields::new().with("name", "深蓝"));
    let push = desk.push().unwrap();
    desk.answer(&push, |at| (41 + at as i64, Outcome::Applied));
    desk.pull(
        42,
        vec![customer(A, 41, "华科"), customer(other, 42, "深蓝")],
        &[],
    );
    let journal = desk.store().folder().journal();
    let size = || std::fs::metadata(&journal).unwrap().len();
    let both = size();
    desk.store().compact_journal(&BTreeSet::new()).unwrap();
    assert_eq!(size(), both);
    desk.pull(43, vec![], &[other]);
    assert!(size() < both, "purged");
    let one = size();
    desk.clock.advance(31 * DAY);
    desk.set("customer", A, "alias", "未发送");
    desk.store().follow_journal().unwrap();
    desk.open();
    assert!(size() < one, "answered long ago");
    let kept = desk.read(|reader| reader.unanswered());
    assert_eq!((kept.len(), kept[0].author), (1, Some(ME)));
    assert!(kept[0].hlc.millis() > NOW);
}
