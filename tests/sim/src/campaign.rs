//! Many seeds, on all cores: what they did together, and what broke.

use std::fmt;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use ketu_sync::planted::Bug;

use crate::oracle::Fault;
use crate::world::{Plan, Report, run};

/// What a range of seeds did.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    pub seeds: u64,
    pub ops: usize,
    pub stands: usize,
    pub cards: usize,
    pub exchanges: usize,
    pub restores: usize,
    pub clones: usize,
    pub vouched: usize,
    /// Seeds that broke a promise, and which.
    pub faults: Vec<(u64, Fault)>,
}

impl Tally {
    fn add(&mut self, seed: u64, report: Report) {
        self.seeds += 1;
        self.ops += report.ops;
        self.stands += report.stands;
        self.cards += report.cards;
        self.exchanges += report.exchanges;
        self.restores += report.restores;
        self.clones += report.clones;
        self.vouched += report.vouched;
        self.faults.extend(report.fault.map(|fault| (seed, fault)));
    }

    pub fn join(&mut self, other: Self) {
        self.seeds += other.seeds;
        self.ops += other.ops;
        self.stands += other.stands;
        self.cards += other.cards;
        self.exchanges += other.exchanges;
        self.restores += other.restores;
        self.clones += other.clones;
        self.vouched += other.vouched;
        self.faults.extend(other.faults);
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} seeds, {} broke a promise; {} ops, {} taken, {} critical cards, {} exchanges, {} restores, {} copied laptops, {} rows vouched for",
            self.seeds,
            self.faults.len(),
            self.ops,
            self.stands,
            self.cards,
            self.exchanges,
            self.restores,
            self.clones,
            self.vouched
        )
    }
}

/// Runs every seed of the range, on as many threads as there are cores.
pub fn campaign(seeds: Range<u64>, plan: Plan) -> Tally {
    let next = AtomicU64::new(seeds.start);
    let tally = Mutex::new(Tally::default());
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        break;
                    }
                    let report = run(seed, plan);
                    let mut tally = tally.lock().expect("no thread panics with it");
                    tally.add(seed, report);
                }
            });
        }
    });
    let mut tally = tally.into_inner().expect("no thread panics with it");
    tally.faults.sort_by_key(|(seed, _)| *seed);
    tally
}

/// Plants each known mistake in turn, until a seed catches it: the mistake, the seed and what was seen, or nothing
/// where none of the seeds did.
pub fn planted(seeds: Range<u64>, events: usize) -> Vec<(Bug, Option<(u64, Fault)>)> {
    let bugs = Bug::ALL.iter().map(|bug| {
        let caught = seeds.clone().find_map(|seed| {
            let plan = Plan {
                events,
                rights: seed % 2 == 1,
                planted: Some(*bug),
                beside: None,
            };
            Some((seed, run(seed, plan).fault?))
        });
        (*bug, caught)
    });
    bugs.collect()
}
