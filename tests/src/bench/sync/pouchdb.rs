//! The same documents by Ketu and by PouchDB with express-pouchdb, one after the other in each run. Both sides of both are
//! processes or files of their own on this machine; Ketu speaks TLS and has every commit on the disk, PouchDB neither.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value as Json;

use super::laptop::{self, Laptop};
use super::{STORES, center, documents, head, store};
use crate::bench::Wish;
use crate::bench::report::{Report, Sample};
use crate::bench::watch::watch;
use crate::center::Kind;
use crate::evidence::root;

const ALL: f64 = 5.0;
const CHANGES: f64 = 2.0;
/// Records of the delta.
const CHANGED: usize = 100;
/// Documents in each of PouchDB's requests: its own choice, which the limits are about, and as many as Ketu sends.
const BATCHES: [&str; 2] = ["100", "1000"];

/// Seconds of each part.
#[derive(Debug, Default)]
struct Times {
    push: Sample,
    pull: Sample,
    push_changes: Sample,
    pull_changes: Sample,
}

impl Times {
    fn parts(&self) -> [(&'static str, &Sample, f64); 4] {
        [
            ("push", &self.push, ALL),
            ("pull", &self.pull, ALL),
            ("push of 100 changes", &self.push_changes, CHANGES),
            ("pull of 100 changes", &self.pull_changes, CHANGES),
        ]
    }
}

pub fn measure(wish: &Wish, folder: &Path, report: &mut Report) -> Result<()> {
    let count = if wish.quick { 1_000 } else { 10_000 };
    let scratch = tempfile::Builder::new()
        .prefix("pouchdb-")
        .tempdir_in(folder)?;
    let (table, documents) = (
        scratch.path().join("customers.csv"),
        scratch.path().join("customers.json"),
    );
    documents::write_table(&table, count)?;
    documents::write_documents(&documents, count)?;
    report.say(&head(&format!("{count} documents beside PouchDB")));
    let (mut theirs, mut ours): ([Times; 2], [Times; 2]) = Default::default();
    for run in 0..wish.runs {
        for (batch, times) in BATCHES.iter().zip(&mut theirs) {
            pouchdb(&documents, batch, times)?;
        }
        for (kind, times) in STORES.into_iter().zip(&mut ours) {
            let folder = scratch.path().join(format!("{kind:?}-{run}"));
            ketu(kind, &table, count, &folder, times)?;
            std::fs::remove_dir_all(folder)?;
        }
    }
    for (batch, times) in BATCHES.iter().zip(&theirs) {
        for (part, sample, _) in times.parts() {
            report.note(&format!("PouchDB by {batch}: {part}"), sample, "s");
        }
    }
    let [usual, large] = &theirs;
    for (kind, times) in STORES.into_iter().zip(&ours) {
        let both = usual.parts().into_iter().zip(large.parts());
        for ((part, own, least), ((_, usual, _), (_, large, _))) in
            times.parts().into_iter().zip(both)
        {
            report.note(&format!("Ketu, {}: {part}", store(kind)), own, "s");
            report.limit(
                &format!("  PouchDB / Ketu, {part}"),
                usual.median() / own.median(),
                &format!(
                    "{:.1} x of PouchDB by {}",
                    large.median() / own.median(),
                    BATCHES[1]
                ),
                "x",
                &(least..=f64::INFINITY),
            );
        }
    }
    Ok(())
}

fn pouchdb(documents: &Path, batch: &str, times: &mut Times) -> Result<()> {
    let folder = root()?.join("tests/pouchdb");
    ensure!(
        folder.join("node_modules").is_dir(),
        "PouchDB is not installed: `cargo xtask bench sync` does that"
    );
    let mut script = Command::new("node");
    script.arg("bench.mjs").arg(documents).arg(batch);
    let told = watch(script.current_dir(folder))?.answer;
    let seconds = |key: &str| {
        let ms = told[key].as_f64().context("PouchDB's times are told")?;
        Ok::<_, anyhow::Error>(ms / 1_000.0)
    };
    times.push.add(seconds("push")?);
    times.pull.add(seconds("pull")?);
    times.push_changes.add(seconds("push_changes")?);
    times.pull_changes.add(seconds("pull_changes")?);
    Ok(())
}

/// Sessions as the window holds them, in this process: what the first laptop has goes up, the second, which has nothing yet,
/// gets it, and the same with changes.
fn ketu(kind: Kind, table: &Path, count: u32, folder: &Path, times: &mut Times) -> Result<()> {
    let center = center(kind, &[])?;
    let first = Laptop::new(folder.join("first"))?;
    first.join(&center.person("zhang", "张伟", "salesperson")?)?;
    first.import(table, count)?;
    let second = Laptop::new(folder.join("second"))?;
    let (one, two) = (first.open(false), second.open(false));
    laptop::enrol(&two, center.admin())?;
    times.push.add(laptop::session(&one, "sync_now")?);
    times.pull.add(laptop::session(&two, "sync_join")?);
    laptop::has_customers(&two, count)?;

    let (_, customers) = laptop::customers(&one, CHANGED as u32)?;
    ensure!(customers.len() == CHANGED, "so many customers are listed");
    let phone = |n: usize| format!("0755-2600{}", 1_000 + n);
    for (customer, n) in customers.iter().zip(0..) {
        laptop::set_phone(&one, customer, &phone(n))?;
    }
    times.push_changes.add(laptop::session(&one, "sync_now")?);
    times.pull_changes.add(laptop::session(&two, "sync_now")?);
    for (customer, n) in customers.iter().zip(0..) {
        let known: Json = laptop::phone(&two, customer)?;
        ensure!(known == phone(n).as_str(), "a change did not arrive");
    }
    one.stop();
    two.stop();
    Ok(())
}
