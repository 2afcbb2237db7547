//! Runs seeds, and says what broke: `sim --seeds 2000`, `sim --seed 17`, `sim --planted --seeds 300`.
#![allow(clippy::print_stdout, reason = "a command's answer is its output")]

use std::process::ExitCode;

use clap::Parser;
use ketu_sim::world::{Plan, run};
use ketu_sync::planted::Bug;

#[derive(Parser)]
struct Asked {
    /// How many seeds
    #[arg(long, default_value_t = 100)]
    seeds: u64,
    /// The first of them
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// One seed only
    #[arg(long)]
    seed: Option<u64>,
    /// Mostly transfers, shares and changes of rights
    #[arg(long)]
    rights: bool,
    /// Each planted mistake to its first catch, in at most `seeds` seeds
    #[arg(long)]
    planted: bool,
    #[arg(long, default_value_t = Plan::USUAL.events)]
    events: usize,
}

fn main() -> ExitCode {
    let asked = Asked::parse();
    let plan = Plan {
        events: asked.events,
        rights: asked.rights,
        planted: None,
    };
    let seeds = match asked.seed {
        Some(seed) => seed..seed + 1,
        None => asked.from..asked.from + asked.seeds,
    };
    if asked.planted {
        let mut missed = 0;
        for bug in Bug::ALL {
            let planted = Some(*bug);
            let caught = seeds.clone().find_map(|seed| {
                let rights = seed % 2 == 1;
                let report = run(
                    seed,
                    Plan {
                        planted,
                        rights,
                        ..plan
                    },
                );
                Some((seed, report.fault?))
            });
            match caught {
                Some((seed, fault)) => println!("{bug:?}: seed {seed}: {}", short(&fault)),
                None => {
                    missed += 1;
                    println!("{bug:?}: NOT CAUGHT");
                }
            }
        }
        println!("{} of {} caught", Bug::ALL.len() - missed, Bug::ALL.len());
        return if missed == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        };
    }
    let (mut ran, mut failed, mut ops, mut stands, mut cards, mut exchanges) = (0, 0, 0, 0, 0, 0);
    let (mut restores, mut clones) = (0, 0);
    for seed in seeds {
        let report = run(seed, plan);
        ran += 1;
        ops += report.ops;
        stands += report.stands;
        cards += report.cards;
        exchanges += report.exchanges;
        restores += report.restores;
        clones += report.clones;
        if let Some(fault) = report.fault {
            failed += 1;
            if failed <= 10 {
                println!("seed {seed}: {}", short(&fault));
            }
        }
    }
    println!(
        "{ran} seeds, {failed} failed; {ops} ops, {stands} stand, {cards} critical cards, \
         {exchanges} exchanges, {restores} restores, {clones} copies"
    );
    if failed == 0 && ran > 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn short(text: &str) -> String {
    text.chars().take(3000).collect()
}
