//! Runs seeds, and says what broke: `sim --seeds 2000`, `sim --seed 17`, `sim --planted --seeds 300`.
//! With `KETU_SIM_TELLS` set, a run tells everything that is said in it.
#![allow(clippy::print_stdout, reason = "a command's answer is its output")]

use std::process::ExitCode;

use clap::Parser;
use ketu_sim::beside::Stores;
use ketu_sim::campaign::{Tally, campaign, planted};
use ketu_sim::world::Plan;

/// A run is made of small pieces, and nearly half of it is memory taken and given back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Seeds after which a long run says how far it is.
const BATCH: u64 = 2_000;

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
    /// Real stores beside the memory, in a build that has them
    #[arg(long)]
    beside: Option<Beside>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Beside {
    #[cfg(feature = "stores")]
    Sqlite,
    #[cfg(feature = "stores")]
    Postgres,
}

impl Beside {
    fn stores(self) -> Option<fn() -> Box<dyn Stores>> {
        match self {
            #[cfg(feature = "stores")]
            Self::Sqlite => Some(ketu_sim::stores::sqlite),
            #[cfg(feature = "stores")]
            Self::Postgres => Some(ketu_sim::stores::postgres),
        }
    }
}

fn main() -> ExitCode {
    #[cfg(feature = "stores")]
    ketu_sim::stores::killed::be_a_laptop_if_asked();
    let asked = Asked::parse();
    let seeds = match asked.seed {
        Some(seed) => seed..seed + 1,
        None => asked.from..asked.from + asked.seeds,
    };
    let is_well = if asked.planted {
        let bugs = planted(seeds, asked.events);
        for (bug, caught) in &bugs {
            match caught {
                Some((seed, fault)) => println!("{bug:?}: seed {seed}: {}", short(fault)),
                None => println!("{bug:?}: not caught"),
            }
        }
        let caught = bugs.iter().filter(|(_, caught)| caught.is_some()).count();
        println!("{caught} of {} caught", bugs.len());
        caught == bugs.len()
    } else {
        let plan = Plan {
            events: asked.events,
            rights: asked.rights,
            planted: None,
            beside: asked.beside.and_then(Beside::stores),
        };
        let mut tally = Tally::default();
        let mut next = seeds.start;
        while next < seeds.end {
            let end = seeds.end.min(next + BATCH);
            let batch = campaign(next..end, plan);
            for (seed, fault) in &batch.faults {
                println!("seed {seed}: {}", short(fault));
            }
            tally.join(batch);
            println!("{tally}");
            next = end;
        }
        tally.faults.is_empty() && tally.seeds > 0
    };
    if is_well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn short(text: &str) -> String {
    text.chars().take(3_000).collect()
}
