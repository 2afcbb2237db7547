//! kill -9 at random moments of an import: all of it is in the file afterwards, or none.
#![allow(clippy::unwrap_used)]

use ketu_tests::kill::{Counts, Killing};

/// Imports that are killed while they run.
const KILLS: u32 = 25;
/// Imports at most: on a busy machine some are done before their kill comes.
const ROUNDS: u64 = 150;

#[test]
fn an_import_that_is_killed_leaves_all_of_it_or_nothing() {
    let killing = Killing::prepare(3_000, 1).unwrap();
    let mut counts = Counts::default();
    for seed in 1..=ROUNDS {
        if counts.killed == KILLS {
            break;
        }
        killing.round(seed, &mut counts).unwrap();
    }
    println!("{counts}");
    assert_eq!(
        counts.killed, KILLS,
        "the kills come while imports run: {counts}"
    );
    assert_eq!(counts.all + counts.none, counts.rounds);
    assert!(
        counts.none >= 5,
        "some kills come before the commit: {counts}"
    );
}
