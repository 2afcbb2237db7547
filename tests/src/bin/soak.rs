//! `soak [PART]`: what is too long for every day. Each part keeps how far it came, so that a run that was stopped goes
//! on, and appends what it found to docs/evidence.md when it is through.
#![allow(clippy::print_stdout, reason = "a long run says where it is")]

use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use clap::{Parser, ValueEnum};
use ketu_sim::campaign::{campaign, planted};
use ketu_sim::world::Plan;
use ketu_tests::evidence::{Run, append, root};
use ketu_tests::kill::{Counts, Killing};
use ketu_tests::{corpus, evidence};
use serde_json::{Value as Json, json};

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
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// kill -9 during an import
    Kill,
    /// The property tests of model, store and app with many more cases
    Properties,
    /// Odd and broken files of many seeds
    CorpusGenerated,
    /// Seeds of the synchronisation's simulator, histories of rights, and planted mistakes
    Sync,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Kill => "kill",
            Self::Properties => "properties",
            Self::CorpusGenerated => "corpus-generated",
            Self::Sync => "sync",
        }
    }
}

fn main() -> ExitCode {
    ketu_tests::ended(act())
}

fn act() -> Result<()> {
    let asked = Asked::parse();
    for part in [
        Part::Kill,
        Part::Properties,
        Part::CorpusGenerated,
        Part::Sync,
    ] {
        if asked.part.is_none_or(|wanted| wanted == part) {
            let began = Instant::now();
            let mut progress = Progress::of(part, &asked)?;
            let found = match part {
                Part::Kill => kill(&asked, &mut progress)?,
                Part::Properties => properties(&asked)?,
                Part::CorpusGenerated => corpus_generated(&asked, &mut progress)?,
                Part::Sync => sync(&asked, &mut progress)?,
            };
            println!("{}: {found}", part.name());
            append(&Run {
                part: part.name(),
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
        let key = format!(
            "{} {} {} {} {}",
            evidence::commit(),
            asked.seed,
            asked.rows,
            asked.rounds,
            asked.sets
        );
        let kept = std::fs::read(&path)
            .ok()
            .and_then(|bytes| serde_json::from_slice::<Json>(&bytes).ok());
        let kept = kept
            .filter(|kept| kept["key"] == key.as_str())
            .unwrap_or_default();
        let progress = Self {
            path,
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
fn sync(asked: &Asked, progress: &mut Progress) -> Result<String> {
    const BATCH: u32 = 1_000;
    let keys = ["ops", "taken", "cards", "exchanges", "restores", "copies"];
    let mut counts = keys.map(|key| progress.done[key].as_u64().unwrap_or_default());
    let mut done = [progress.count("seeds"), progress.count("histories")];
    for (at, (wanted, rights)) in [(asked.seeds, false), (asked.histories, true)]
        .into_iter()
        .enumerate()
    {
        while done[at] < wanted {
            let batch = BATCH.min(wanted - done[at]);
            let first = asked.seed + u64::from(done[at]);
            let plan = Plan {
                rights,
                ..Plan::USUAL
            };
            let tally = campaign(first..first + u64::from(batch), plan);
            ensure!(
                tally.faults.is_empty(),
                "{tally}: {:?}",
                tally.faults.first()
            );
            done[at] += batch;
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
            let mut kept = json!({ "seeds": done[0], "histories": done[1] });
            for (key, count) in keys.iter().zip(counts) {
                kept[*key] = count.into();
            }
            progress.keep(kept)?;
            println!("sync: {} seeds, {} histories", done[0], done[1]);
        }
    }
    let bugs = planted(0..2_000, Plan::USUAL.events);
    let caught = bugs.iter().filter(|(_, caught)| caught.is_some()).count();
    ensure!(
        caught + 1 >= bugs.len(),
        "{caught} of {} planted mistakes caught",
        bugs.len()
    );
    let [ops, taken, cards, exchanges, restores, copies] = counts;
    Ok(format!(
        "{} seeds and {} histories of rights, 0 broke a promise; {ops} ops, {taken} taken, {cards} critical cards, \
         {exchanges} exchanges, {restores} restores, {copies} copied laptops; {caught} of {} planted mistakes caught",
        done[0],
        done[1],
        bugs.len()
    ))
}
