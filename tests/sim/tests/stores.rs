//! The simulator with real stores beside its memory, and a laptop that is killed, on every commit.
#![cfg(feature = "stores")]
#![allow(clippy::print_stdout, reason = "a run says how many seeds it was")]

use ketu_sim::beside::Stores;
use ketu_sim::campaign::{Tally, campaign};
use ketu_sim::stores::killed::Killing;
use ketu_sim::stores::{postgres, sqlite};
use ketu_sim::world::Plan;

/// Kills on every commit.
const KILLS: u32 = 20;

fn hold(seeds: std::ops::Range<u64>, beside: fn() -> Box<dyn Stores>) -> Tally {
    let wanted = seeds.end - seeds.start;
    let plan = Plan {
        beside: Some(beside),
        ..Plan::USUAL
    };
    let tally = campaign(seeds, plan);
    println!("{tally}");
    assert_eq!(tally.faults, [], "{tally}");
    assert!(wanted > 0 && tally.seeds == wanted, "{tally}");
    assert!(tally.stands > tally.ops / 2 && tally.clones > 0, "{tally}");
    tally
}

#[test]
fn encrypted_files_and_a_servers_sqlite_file_come_to_what_the_memory_comes_to() {
    let tally = hold(0..100, sqlite);
    assert!(tally.restores > 0 && tally.cards > 0, "{tally}");
}

#[test]
fn a_row_is_vouched_for_in_its_place_though_a_change_that_waits_moved_it() {
    let plan = Plan {
        beside: Some(sqlite),
        ..Plan::USUAL
    };
    let tally = campaign(361..362, plan);
    assert_eq!(tally.faults, [], "{tally}");
    assert!(tally.seeds == 1 && tally.vouched > 0, "{tally}");
}

#[test]
fn a_server_with_postgresql_says_and_writes_what_the_memory_does() {
    hold(100..110, postgres);
}

#[test]
fn a_killed_laptop_keeps_what_it_saved_and_tells_it_once() {
    let mut killing = Killing::prepare(env!("CARGO_BIN_EXE_sim").into()).unwrap();
    for seed in 0..u64::from(KILLS) {
        killing.round(seed).unwrap();
    }
    killing.end().unwrap();
    println!("{}", killing.counts);
    let counts = killing.counts;
    assert_eq!(counts.kills, KILLS);
    assert!(counts.saved > 0 && counts.exchanges > 0 && counts.drained > 0);
}
