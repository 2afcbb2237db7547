//! The outbox journal as a file: what a power cut, a wrong key and a worn disk leave of it (docs/sync-protocol.md §7.3).

#![allow(clippy::unwrap_used)]

use uuid::Uuid;

use super::support::{Laptop, customer};
use crate::Write;
use crate::sync::SyncState;

/// A laptop that has a server, with three ops in its journal; where each of them ends.
fn laptop() -> (Laptop, Vec<usize>) {
    let laptop = Laptop::new();
    let state = SyncState {
        incarnation: Uuid::from_u128(1),
        checkpoint: 0,
        clock_offset: 0,
        state: "{}".to_owned(),
    };
    let begun = laptop
        .store()
        .transact(Write::confirmed(), |door| door.set_sync_state(&state));
    begun.unwrap();
    let mut ends = Vec::new();
    for name in ["华科", "深蓝", "远大"] {
        laptop.add(customer(name));
        assert_eq!(laptop.store().follow_journal().unwrap(), 1);
        ends.push(bytes(&laptop).len());
    }
    (laptop, ends)
}

fn bytes(laptop: &Laptop) -> Vec<u8> {
    std::fs::read(laptop.folder().journal()).unwrap()
}

/// How many ops a restored, empty file would get back from a journal with these bytes.
fn ops_in(laptop: &mut Laptop, journal: &[u8]) -> usize {
    laptop.close();
    std::fs::write(laptop.folder().journal(), journal).unwrap();
    let mut file = crate::file::beside(&laptop.folder().database(), &key(laptop)).unwrap();
    let empty = file.transaction().unwrap();
    empty
        .execute_batch("update door set open = 1; delete from log; update door set open = 0;")
        .unwrap();
    empty.commit().unwrap();
    drop(file);
    laptop.open().unwrap();
    laptop.store().lost_ops().unwrap().len()
}

fn key(laptop: &Laptop) -> crate::file::DataKey {
    let slots = crate::file::SlotFile::read(&laptop.folder()).unwrap();
    slots.open_device(laptop.keys.as_ref()).unwrap()
}

#[test]
fn nothing_of_an_edit_can_be_read_in_the_journal() {
    let (laptop, _) = laptop();
    let journal = bytes(&laptop);
    for text in ["华科", "customer", "create"] {
        let found = journal
            .windows(text.len())
            .any(|part| part == text.as_bytes());
        assert!(!found, "{text}");
    }
}

#[test]
fn a_torn_journal_gives_back_what_was_whole_and_is_written_on() {
    let (mut laptop, ends) = laptop();
    let whole = bytes(&laptop);
    assert_eq!(ops_in(&mut laptop, &whole), 3);
    // Every byte of it is tried beside the code; here some, with the whole way from the file to the log.
    for cut in (ends[1]..ends[2]).step_by(97) {
        assert_eq!(ops_in(&mut laptop, &whole[..cut]), 2, "cut at {cut}");
        let mut torn = whole[..cut].to_vec();
        torn.resize(ends[2], 0);
        assert_eq!(ops_in(&mut laptop, &torn), 2, "zeros from {cut}");
    }
    for cut in [0, 1, 7, 8, 9] {
        assert_eq!(ops_in(&mut laptop, &whole[..cut]), 0, "cut at {cut}");
    }
    // It is written on as if nothing had been.
    assert_eq!(ops_in(&mut laptop, &whole[..ends[2] - 1]), 2);
    laptop.add(customer("新来的"));
    assert_eq!(laptop.store().follow_journal().unwrap(), 1);
    let mended = bytes(&laptop);
    assert_eq!(ops_in(&mut laptop, &mended), 3);
}

#[test]
fn a_worn_byte_costs_its_own_entry_only() {
    let (mut laptop, ends) = laptop();
    let mut worn = bytes(&laptop);
    worn[ends[0] + 100] ^= 1;
    assert_eq!(ops_in(&mut laptop, &worn), 2);
}

#[test]
fn a_journal_of_another_key_is_moved_aside_and_never_deleted() {
    let (other, _) = laptop();
    let foreign = bytes(&other);
    let (mut laptop, _) = laptop();
    assert_eq!(ops_in(&mut laptop, &foreign), 0);
    let aside = std::fs::read_dir(laptop.folder().path()).unwrap();
    let kept = aside
        .flatten()
        .filter(|entry| {
            entry
                .file_name()
                .to_string_lossy()
                .starts_with("outbox.journal.")
        })
        .any(|entry| std::fs::read(entry.path()).unwrap() == foreign);
    assert!(kept);
    // From then on the laptop's own work is written down from the beginning.
    laptop.add(customer("华科"));
    assert_eq!(laptop.store().follow_journal().unwrap(), 1);
}

#[test]
fn a_journal_that_is_gone_is_written_anew_from_the_log() {
    let (mut laptop, _) = laptop();
    laptop.close();
    std::fs::remove_file(laptop.folder().journal()).unwrap();
    laptop.open().unwrap();
    laptop.store().take_journal_up().unwrap();
    let anew = bytes(&laptop);
    assert_eq!(ops_in(&mut laptop, &anew), 3);
}
