//! `soak [PART]`: what is too long for every day. Each part keeps how far it came, so that a run that was stopped goes
//! on, and appends what it found to docs/evidence.md when it is through.
#![allow(clippy::print_stdout, reason = "a long run says where it is")]

use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use clap::{Parser, ValueEnum};
use ketu_sim::beside::Stores;
use ketu_sim::campaign::{campaign, planted};
use ketu_sim::stores::killed::{Killing as LaptopKilling, be_a_laptop_if_asked};
use ketu_sim::stores::{postgres, sqlite};
use ketu_sim::world::Plan;
use ketu_tests::evidence::{Run, append, root};
use ketu_tests::kill::{Counts, Killing};
use ketu_tests::{corpus, evidence};
use serde_json::{Value as Json, json};

/// A run of the simulator is made of small pieces, and nearly half of it is memory taken and given back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(name = "soak", about = "The long runs")]
struct Asked {
    /// All of them where absent
    part: Option<Part>,
    /// Where seeds begin
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Imports to kill
    #[arg(long, default_value_t = 200)]
    rounds: u32,
    /// Rows of the workbook whose import is killed
    #[arg(long, default_value_t = 3_000)]
    rows: u32,
    /// Cases of each property
    #[arg(long, default_value_t = 20_000)]
    cases: u32,
    /// Sets of odd files
    #[arg(long, default_value_t = 40)]
    sets: u32,
    /// Seeds of the simulator
    #[arg(long, default_value_t = 100_000)]
    seeds: u32,
    /// Seeds in which rights move
    #[arg(long, default_value_t = 5_000)]
    histories: u32,
    /// Seeds with laptops' files and a server's SQLite file; a tenth of that with PostgreSQL
    #[arg(long, default_value_t = 5_000)]
    stores: u32,
    /// Kills of a laptop that synchronises
    #[arg(long, default_value_t = 500)]
    kills: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// kill -9 during an import
    Kill,
    /// The property tests of model, store and app with many more cases
    Properties,
    /// Odd and broken files of many seeds
    CorpusGenerated,
    /// All that begin so, one after the other
    Sync,
    /// Seeds of the synchronisation's simulator
    SyncSeeds,
    /// Seeds in which rights move
    SyncRights,
    /// Each planted mistake to its first catch
    SyncPlanted,
    /// Seeds of the simulator with real stores beside its memory
    SyncStores,
    /// kill -9 of a laptop that synchronises
    SyncKill,
}

impl Part {
    const ALL: [Self; 8] = [
        Self::Kill,
        Self::Properties,
        Self::CorpusGenerated,
        Self::SyncSeeds,
        Self::SyncRights,
        Self::SyncPlanted,
        Self::SyncStores,
        Self::SyncKill,
    ];

    /// Whether this part is run where `wanted` was asked for.
    fn is_of(self, wanted: Self) -> bool {
        self == wanted || (wanted == Self::Sync && self.name().starts_with("sync-"))
    }

    fn name(self) -> &'static str {
        match self {
            Self::Kill => "kill",
            Self::Properties => "properties",
            Self::CorpusGenerated => "corpus-generated",
            Self::Sync => "sync",
            Self::SyncSeeds => "sync-seeds",
            Self::SyncRights => "sync-rights",
            Self::SyncPlanted => "sync-planted",
            Self::SyncStores => "sync-stores",
            Self::SyncKill => "sync-kill",
        }
    }
}

fn main() -> ExitCode {
    be_a_laptop_if_asked();
    ketu_tests::ended(act())
}

fn act() -> Result<()> {
    let asked = Asked::parse();
    for part in Part::ALL {
        if asked.part.is_none_or(|wanted| part.is_of(wanted)) {
            let began = Instant::now();
            let mut progress = Progress::of(part, &asked)?;
            let found = match part {
                Part::Kill => kill(&asked, &mut progress)?,
                Part::Properties => properties(&asked)?,
                Part::CorpusGenerated => corpus_generated(&asked, &mut progress)?,
                Part::SyncSeeds => sync_seeds(&asked, &mut progress, asked.seeds, false)?,
                Part::SyncRights => sync_seeds(&asked, &mut progress, asked.histories, true)?,
                Part::SyncPlanted => sync_planted()?,
                // Only its parts are run.
                Part::Sync => continue,
                Part::SyncStores => sync_stores(&asked, &mut progress)?,
                Part::SyncKill => sync_kill(&asked)?,
            };
            println!("{}: {found}", part.name());
            append(&Run {
                part: part.name(),
                commit: &progress.commit,
                seed: asked.seed,
                found,
                seconds: progress.seconds + began.elapsed().as_secs_f64(),
            })?;
            progress.end()?;
        }
    }
    Ok(())
}

/// How far a part has come with these wishes and this commit; a change of either begins anew.
struct Progress {
    path: PathBuf,
    /// As it was when the part began: people work on meanwhile.
    commit: String,
    key: String,
    done: Json,
    seconds: f64,
    began: Instant,
}

impl Progress {
    fn of(part: Part, asked: &Asked) -> Result<Self> {
        let program = std::env::current_exe()?;
        let target = program
            .parent()
            .and_then(std::path::Path::parent)
            .context("a program lies in the target folder")?;
        let folder = target.join("soak");
        std::fs::create_dir_all(&folder)?;
        let path = folder.join(format!("{}.json", part.name()));
        let commit = evidence::commit();
        let key = format!(
            "{commit} {} {} {} {}",
            asked.seed, asked.rows, asked.rounds, asked.sets
        );
        let kept = std::fs::read(&path)
            .ok()
            .and_then(|bytes| serde_json::from_slice::<Json>(&bytes).ok());
        let kept = kept
            .filter(|kept| kept["key"] == key.as_str())
            .unwrap_or_default();
        let progress = Self {
            path,
            commit,
            key,
            seconds: kept["seconds"].as_f64().unwrap_or_default(),
            done: kept["done"].clone(),
            began: Instant::now(),
        };
        if !progress.done.is_null() {
            println!("{}: going on after {}", part.name(), progress.done);
        }
        Ok(progress)
    }

    fn count(&self, key: &str) -> u32 {
        self.done[key]
            .as_u64()
            .and_then(|count| count.try_into().ok())
            .unwrap_or_default()
    }

    fn keep(&mut self, done: Json) -> Result<()> {
        self.done = done;
        let seconds = self.seconds + self.began.elapsed().as_secs_f64();
        let kept = json!({ "key": self.key, "seconds": seconds, "done": self.done });
        Ok(std::fs::write(&self.path, kept.to_string())?)
    }

    fn end(self) -> Result<()> {
        match std::fs::remove_file(&self.path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }
}

fn kill(asked: &Asked, progress: &mut Progress) -> Result<String> {
    let mut counts = Counts {
        rounds: progress.count("rounds"),
        killed: progress.count("killed"),
        all: progress.count("all"),
        none: progress.count("none"),
    };
    let killing = Killing::prepare(asked.rows, asked.seed)?;
    // What is asked for are kills that came while an import ran.
    while counts.killed < asked.rounds {
        killing.round(asked.seed + u64::from(counts.rounds), &mut counts)?;
        let Counts {
            rounds,
            killed,
            all,
            none,
        } = counts;
        progress.keep(json!({ "rounds": rounds, "killed": killed, "all": all, "none": none }))?;
        if rounds % 20 == 0 {
            println!("kill: {counts}");
        }
    }
    Ok(format!("{counts}; {} rows", asked.rows))
}

/// Runs the tests of the rooms that have properties, the properties with many more cases.
fn properties(asked: &Asked) -> Result<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut tests = Command::new(cargo);
    tests
        .current_dir(root()?)
        .args(["test", "--release", "--no-fail-fast"]);
    tests.args([
        "--package",
        "ketu-store",
        "--package",
        "ketu-model",
        "--package",
        "ketu-app",
    ]);
    let cases = asked.cases.to_string();
    tests
        .env("KETU_PROPTEST_CASES", &cases)
        .env("PROPTEST_CASES", &cases);
    let output = tests.output().context("cargo test")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let passed: u64 = text
        .lines()
        .filter_map(|line| {
            line.strip_prefix("test result: ok. ")?
                .split(' ')
                .next()?
                .parse::<u64>()
                .ok()
        })
        .sum();
    if !output.status.success() {
        print!("{text}{}", String::from_utf8_lossy(&output.stderr));
        bail!("properties: a test failed");
    }
    ensure!(passed > 0, "tests ran");
    Ok(format!(
        "{passed} tests passed, properties with {cases} cases each"
    ))
}

fn corpus_generated(asked: &Asked, progress: &mut Progress) -> Result<String> {
    let (mut sets, mut files, mut imported) = (
        progress.count("sets"),
        progress.count("files"),
        progress.count("imported"),
    );
    while sets < asked.sets {
        let folder = tempfile::tempdir()?;
        let seed = asked.seed + u64::from(sets);
        corpus::generate(folder.path(), seed)?;
        let tally = corpus::run(folder.path(), |_, _| ())?;
        ensure!(tally.faults.is_empty(), "seed {seed}: {tally}");
        sets += 1;
        files += tally.files;
        imported += tally.imported;
        progress.keep(json!({ "sets": sets, "files": files, "imported": imported }))?;
    }
    Ok(format!(
        "{files} files of {sets} seeds: {imported} imported, {} refused with a reason, 0 faults",
        files - imported
    ))
}

/// Seeds in batches, so that a run that is stopped goes on; the first that breaks a promise ends it.
fn sync_seeds(asked: &Asked, progress: &mut Progress, wanted: u32, rights: bool) -> Result<String> {
    const BATCH: u32 = 1_000;
    let keys = ["ops", "taken", "cards", "exchanges", "restores", "copies"];
    let mut counts = keys.map(|key| progress.done[key].as_u64().unwrap_or_default());
    let mut done = progress.count("seeds");
    let plan = Plan {
        rights,
        ..Plan::USUAL
    };
    while done < wanted {
        let batch = BATCH.min(wanted - done);
        let first = asked.seed + u64::from(done);
        let tally = campaign(first..first + u64::from(batch), plan);
        let broken = tally.faults.first();
        ensure!(broken.is_none(), "{tally}: {broken:?}");
        done += batch;
        let found = [
            tally.ops,
            tally.stands,
            tally.cards,
            tally.exchanges,
            tally.restores,
            tally.clones,
        ];
        for (count, more) in counts.iter_mut().zip(found) {
            *count += more as u64;
        }
        let mut kept = json!({ "seeds": done });
        for (key, count) in keys.iter().zip(counts) {
            kept[*key] = count.into();
        }
        progress.keep(kept)?;
        println!("{done} seeds");
    }
    ensure!(done > 0, "no seed was run");
    let [ops, taken, cards, exchanges, restores, copies] = counts;
    Ok(format!(
        "{done} seeds {}, 0 broke a promise; {ops} ops, {taken} taken, {cards} critical cards, {exchanges} exchanges, \
         {restores} restores, {copies} copied laptops",
        range(asked, done)
    ))
}

fn range(asked: &Asked, seeds: u32) -> String {
    format!("({}..={})", asked.seed, asked.seed + u64::from(seeds) - 1)
}

fn sync_planted() -> Result<String> {
    const SEEDS: u64 = 2_000;
    let bugs = planted(0..SEEDS, Plan::USUAL.events);
    let caught = bugs
        .iter()
        .filter_map(|(_, caught)| caught.as_ref().map(|(seed, _)| *seed));
    let (count, last) = (caught.clone().count(), caught.max().unwrap_or_default());
    let missed: Vec<_> = bugs.iter().filter(|(_, caught)| caught.is_none()).collect();
    ensure!(bugs.len() >= 30, "{} mistakes are planted", bugs.len());
    ensure!(
        count + 1 >= bugs.len(),
        "{count} of {} caught, not {missed:?}",
        bugs.len()
    );
    Ok(format!(
        "{count} of {} planted mistakes caught in seeds 0..{SEEDS}, each by seed {last} at the latest",
        bugs.len()
    ))
}

/// The same seeds over real stores: what the memory does, they do. As many as the memory's, a tenth of them with PostgreSQL.
fn sync_stores(asked: &Asked, progress: &mut Progress) -> Result<String> {
    const BATCH: u32 = 20;
    type Kind = (&'static str, fn() -> Box<dyn Stores>, u32);
    let kinds: [Kind; 2] = [
        ("sqlite", sqlite, asked.stores),
        ("postgres", postgres, asked.stores.div_ceil(10)),
    ];
    let mut kept = progress.done.clone();
    for (name, beside, wanted) in kinds {
        let mut done = progress.count(name);
        while done < wanted {
            let batch = BATCH.min(wanted - done);
            let first = asked.seed + u64::from(done);
            let plan = Plan {
                beside: Some(beside),
                ..Plan::USUAL
            };
            let tally = campaign(first..first + u64::from(batch), plan);
            let broken = tally.faults.first();
            ensure!(broken.is_none(), "{name}: {tally}: {broken:?}");
            done += batch;
            kept[name] = done.into();
            progress.keep(kept.clone())?;
            println!("{done} seeds on {name}");
        }
        ensure!(done > 0, "no seed was run on {name}");
    }
    let (sqlite, postgres) = (progress.count("sqlite"), progress.count("postgres"));
    Ok(format!(
        "{sqlite} seeds {} with laptops' encrypted files and a server's SQLite file, {postgres} {} with a server on \
         PostgreSQL: 0 differ from the memory or broke a promise",
        range(asked, sqlite),
        range(asked, postgres)
    ))
}

fn sync_kill(asked: &Asked) -> Result<String> {
    let mut killing = LaptopKilling::prepare(std::env::current_exe()?)?;
    for round in 0..asked.kills {
        killing.round(asked.seed + u64::from(round))?;
        if round % 50 == 49 {
            println!("sync-kill: {}", killing.counts);
        }
    }
    killing.end()?;
    ensure!(killing.counts.kills > 0, "nothing was killed");
    Ok(killing.counts.to_string())
}
