//! The simulator on every commit: 2,000 seeds of everyday work and its faults, and 500 of rights that move. A run of no
//! seeds is a failure.
#![allow(clippy::print_stdout, reason = "a run says how many seeds it was")]

use ketu_sim::campaign::{campaign, planted};
use ketu_sim::world::{Plan, run};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn hold(seeds: std::ops::Range<u64>, plan: Plan) {
    let wanted = seeds.end - seeds.start;
    let tally = campaign(seeds, plan);
    println!("{tally}");
    assert_eq!(tally.faults, [], "{tally}");
    assert!(wanted > 0 && tally.seeds == wanted, "{tally}");
    // A run that nothing happened in proves nothing.
    assert!(tally.stands > tally.ops / 2 && tally.cards > 0, "{tally}");
    assert!(tally.restores > 0 && tally.clones > 0, "{tally}");
    assert!(tally.vouched > 0, "{tally}");
}

#[test]
fn everybody_agrees_after_every_fault() {
    hold(0..2_000, Plan::USUAL);
}

#[test]
fn nobody_has_what_is_not_theirs_while_rights_move() {
    let rights = true;
    hold(
        100_000..100_500,
        Plan {
            rights,
            ..Plan::USUAL
        },
    );
}

#[test]
fn histories_that_once_broke_a_promise_hold() {
    // A value that came back by a row was newer than an edit that was made with it in sight.
    hold_one(3_928, Plan::USUAL);
    // A merge that came back took along what was put there since, as if that had been there.
    hold_one(5_444, Plan::USUAL);
    // What hung below a deleted customer, and brought it back, moved on.
    hold_one(9_093, Plan::USUAL);
    // A record that was deleted in both lives came back with an edit that its deleter knew.
    let rights = true;
    hold_one(
        930,
        Plan {
            rights,
            ..Plan::USUAL
        },
    );
}

fn hold_one(seed: u64, plan: Plan) {
    let report = run(seed, plan);
    assert_eq!(report.fault, None, "seed {seed}");
    assert!(report.vouched > 0, "seed {seed}");
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    for seed in 0..20 {
        let (one, other) = (run(seed, Plan::USUAL), run(seed, Plan::USUAL));
        assert_eq!(one.trace, other.trace, "seed {seed}");
        assert_eq!(
            (one.ops, one.exchanges, one.stands),
            (other.ops, other.exchanges, other.stands)
        );
    }
    assert_ne!(run(1, Plan::USUAL).trace, run(2, Plan::USUAL).trace);
}

#[test]
fn each_planted_mistake_is_caught() {
    let bugs = planted(0..300, Plan::USUAL.events);
    for (bug, caught) in &bugs {
        match caught {
            Some((seed, _)) => println!("{bug:?}: seed {seed}"),
            None => println!("{bug:?}: not caught"),
        }
    }
    let missed: Vec<_> = bugs.iter().filter(|(_, caught)| caught.is_none()).collect();
    assert!(bugs.len() >= 30, "{} mistakes are planted", bugs.len());
    assert!(missed.is_empty(), "not caught: {missed:?}");
}
