//! kill -9 at random moments of an import: all of it is in the file afterwards, or none.
#![allow(clippy::unwrap_used)]

use ketu_tests::kill::{Counts, Killing};

#[test]
fn an_import_that_is_killed_leaves_all_of_it_or_nothing() {
    let killing = Killing::prepare(3_000, 1).unwrap();
    let mut counts = Counts::default();
    for seed in 1..=25 {
        killing.round(seed, &mut counts).unwrap();
    }
    println!("{counts}");
    assert_eq!((counts.rounds, counts.all + counts.none), (25, 25));
    assert!(
        counts.killed >= 10,
        "the kills come while imports run: {counts}"
    );
    assert!(
        counts.none >= 5,
        "some kills come before the commit: {counts}"
    );
}
