//! Numbers of a laptop that has a server: lent, and where none are left provisional (docs/sync-protocol.md §4.10).

#![allow(clippy::unwrap_used)]
#![allow(
    clippy::redundant_closure_for_method_calls,
    reason = "the methods themselves are not general over the reader's lifetime"
)]

use std::borrow::Cow;

use ketu_model::clock::Clock;
use uuid::Uuid;

use super::support::{HOUR, Laptop, customer};
use crate::sync::SyncState;
use crate::{Store, Write};

const LAPTOP: u128 = 0x1234_5678_9abc;

fn agree(store: &Store, incarnation: u128) {
    let state = SyncState {
        incarnation: Uuid::from_u128(incarnation),
        checkpoint: 0,
        clock_offset: 0,
        state: "{}".to_owned(),
    };
    store
        .transact(Write::confirmed(), |door| door.set_sync_state(&state))
        .unwrap();
}

fn joined() -> Laptop {
    let laptop = Laptop::new();
    agree(laptop.store(), LAPTOP);
    laptop
}

fn number(laptop: &Laptop, id: Uuid) -> String {
    let record = laptop.get("customer", id);
    record.fields.text("number").unwrap().to_owned()
}

fn made(laptop: &Laptop, name: &str) -> String {
    number(laptop, laptop.add(customer(name)))
}

fn wanted(laptop: &Laptop) -> Vec<(String, i64)> {
    let now = laptop.clock.now();
    laptop
        .store()
        .read(|reader| reader.leases_wanted(now))
        .unwrap()
}

fn renumber(laptop: &Laptop) -> u32 {
    let write = Write::numbering(laptop.user);
    let done = laptop
        .store()
        .transact(write, |door| door.replace_provisional_numbers());
    done.unwrap().value
}

#[test]
fn a_number_made_offline_is_final_while_lent_ones_last() {
    let laptop = joined();
    laptop.store().grant_lease("CUST-2026", 101, 2).unwrap();
    laptop.store().grant_lease("CUST-2026", 301, 1).unwrap();
    let numbers = ["甲", "乙", "丙"].map(|name| made(&laptop, name));
    assert_eq!(numbers, ["CUST-2026-101", "CUST-2026-102", "CUST-2026-301"]);
    let record = laptop.add(customer("丁"));
    assert_eq!(number(&laptop, record), "CUST-2026-TH6NW-1");
    assert_eq!(made(&laptop, "戊"), "CUST-2026-TH6NW-2");
    let failed = laptop.write(|door| {
        customer("己").add(door)?;
        Err::<(), _>(crate::StoreError::Cancelled)
    });
    failed.unwrap_err();
    assert_eq!(
        made(&laptop, "庚"),
        "CUST-2026-TH6NW-3",
        "what was not written was not given"
    );
}

#[test]
fn a_provisional_number_is_replaced_and_found_for_ever() {
    let mut laptop = joined();
    let company = laptop.add(customer("华科"));
    let provisional = number(&laptop, company);
    assert_eq!(renumber(&laptop), 0, "nothing was lent");
    laptop.store().grant_lease("CUST-2026", 7, 100).unwrap();
    laptop.open().unwrap();
    assert_eq!((renumber(&laptop), renumber(&laptop)), (1, 0));
    assert_eq!(number(&laptop, company), "CUST-2026-007");
    laptop.store().index().wait();
    assert_eq!(laptop.found("customer", &provisional), [company]);
    assert_eq!(laptop.found("customer", "CUST-2026-007"), [company]);
    let ops = laptop.store().read(|reader| reader.unanswered()).unwrap();
    assert_eq!(ops[0].patch["former_numbers"].1, provisional.as_str());
    assert_eq!(
        (ops[1].kind.as_str(), ops[1].origin.as_str()),
        ("update", "number")
    );
    assert_eq!(ops[1].patch.len(), 1);

    assert_eq!(
        laptop.steps().0.unwrap().action,
        "update",
        "nobody undoes a number"
    );
    let undone = laptop.undo().unwrap().value;
    assert_eq!(
        undone.kept,
        [],
        "nor does it keep the step before from being undone"
    );
    assert!(laptop.get("customer", company).deleted_at.is_some());
}

#[test]
fn what_was_refused_once_is_not_numbered_again_and_a_colleagues_is_theirs() {
    let laptop = joined();
    let refused = laptop.add(customer("华科"));
    laptop.store().grant_lease("CUST-2026", 7, 100).unwrap();
    renumber(&laptop);
    let write = Write::numbering(laptop.user);
    let back = laptop.store().transact(write, |door| {
        door.update(
            "customer",
            refused,
            ketu_model::Fields::new().with("number", "CUST-2026-TH6NW-1"),
        )
    });
    back.unwrap();
    assert_eq!(renumber(&laptop), 0);
    let other = Write::form(Uuid::from_u128(0xbeef), "add");
    let added = laptop.store().transact(other, |door| {
        door.create(
            "customer",
            None,
            customer("深蓝")
                .number("CUST-2026-TZZZZ-1")
                .with("owner", laptop.user)
                .fields,
        )
    });
    added.unwrap();
    assert_eq!(renumber(&laptop), 0);
}

#[test]
fn more_is_asked_for_when_half_a_block_is_left_and_in_december_for_the_next_year() {
    let alone = Laptop::new();
    assert_eq!(wanted(&alone), []);
    let laptop = joined();
    let of = |prefix: &str, count: i64| (format!("{prefix}-2026"), count);
    assert_eq!(wanted(&laptop), [of("CUST", 100), of("OPP", 100)]);
    laptop.store().grant_lease("CUST-2026", 1, 100).unwrap();
    laptop.store().grant_lease("OPP-2026", 1, 100).unwrap();
    assert_eq!(wanted(&laptop), []);
    let write = |rows: u32| {
        laptop
            .write(|door| (0..rows).try_for_each(|_| customer("批").add(door).map(drop)))
            .unwrap();
    };
    write(50);
    assert_eq!(wanted(&laptop), []);
    write(1);
    assert_eq!(wanted(&laptop), [of("CUST", 100)]);
    write(249);
    assert_eq!(wanted(&laptop), [of("CUST", 300)], "200 wait for theirs");
    laptop.clock.advance(75 * 24 * HOUR);
    let series: Vec<String> = wanted(&laptop)
        .into_iter()
        .map(|(series, _)| series)
        .collect();
    assert_eq!(series, ["CUST-2026", "CUST-2027", "OPP-2027"]);
    laptop.clock.advance(31 * 24 * HOUR);
    assert_eq!(
        wanted(&laptop)[0],
        of("CUST", 200),
        "of the old year only what is missing"
    );
}

#[test]
fn numbers_that_people_give_and_that_a_copy_has_are_not_given_again() {
    let laptop = joined();
    laptop.store().grant_lease("CUST-2026", 1, 100).unwrap();
    laptop.add(customer("甲").number("CUST-2026-001"));
    laptop
        .write(|door| {
            let numbers = ["CUST-2026-002", "KH-1"].map(Cow::Borrowed);
            door.expect_numbers("customer", numbers.into_iter())?;
            customer("乙").add(door)?;
            customer("丙").number("CUST-2026-002").add(door)
        })
        .unwrap();
    let numbers: Vec<String> = laptop
        .list(&crate::Select::all("customer").sort("name", false))
        .iter()
        .map(|record| record.fields.text("number").unwrap().to_owned())
        .collect();
    assert_eq!(
        numbers.iter().collect::<std::collections::BTreeSet<_>>(),
        ["CUST-2026-001", "CUST-2026-002", "CUST-2026-003"]
            .map(str::to_owned)
            .iter()
            .collect()
    );
    agree(laptop.store(), LAPTOP);
    assert_eq!(made(&laptop, "丁"), "CUST-2026-004");
    agree(laptop.store(), LAPTOP + 1);
    assert_eq!(
        made(&laptop, "戊"),
        "CUST-2026-TH6NX-1",
        "another incarnation has to be lent its own"
    );
}
