//! kill -9 in the middle of an import: afterwards the file opens, is whole, and holds all of the import or none of it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use fastrand::Rng;
use ketu_app::{App, Options};
use serde_json::{Value as Json, json};

use crate::ketu::Ketu;
use crate::workbook::{Spec, Truth, generate};

/// The longest an import of these sizes may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);
/// Rows that are in the file before the import that is killed, so that a backup comes first.
const BEFORE: Spec = Spec {
    rows: 60,
    seed: 500,
    errors: 0,
};

/// What a data file holds, as far as an import could have changed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Records of each kind, in the order of `ENTITIES`.
    counts: Vec<u64>,
    /// What undo would take back: the action, and how many records it touched in the log.
    last_step: (String, u64),
    /// Records that a search for something in every row finds, by kind.
    found: Vec<u64>,
}

const ENTITIES: [&str; 8] = [
    "customer",
    "contact",
    "opportunity",
    "interaction",
    "reminder",
    "tag",
    "option",
    "participation",
];
/// Of every mobile, every company's address and most visits of the workbooks.
const SEARCHED: [(&str, &str); 3] = [
    ("customer", "公司"),
    ("contact", "example.com"),
    ("interaction", "次）"),
];

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub rounds: u32,
    /// The child was alive when it was killed.
    pub killed: u32,
    pub all: u32,
    pub none: u32,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            rounds,
            killed,
            all,
            none,
        } = self;
        write!(
            f,
            "{rounds} imports, {killed} killed while running: {all} whole, {none} not there at all, 0 in part"
        )
    }
}

/// A data folder to begin from, a workbook, and what the file holds before and after its import.
#[derive(Debug)]
pub struct Killing {
    scratch: tempfile::TempDir,
    file: PathBuf,
    before: Content,
    after: Content,
    /// How long the import takes when nobody kills it.
    usual: Duration,
}

impl Killing {
    pub fn prepare(rows: u32, seed: u64) -> Result<Self> {
        let scratch = tempfile::tempdir()?;
        let (first, file) = (
            scratch.path().join("before.xlsx"),
            scratch.path().join("customers.xlsx"),
        );
        generate(&BEFORE).0.write_xlsx(&first)?;
        let (sheet, truth) = generate(&Spec {
            rows,
            seed,
            errors: rows / 100,
        });
        sheet.write_xlsx(&file)?;
        let template = Ketu::on(scratch.path().join("template"))?;
        template.set_up()?;
        template.ask(&["import", text(&first)?])?;
        let before = content(template.data())?;

        // The shortest of three: most kills then come while an import runs.
        let mut usual = PATIENCE;
        let mut after = None;
        for _ in 0..3 {
            let whole = Ketu::on(scratch.path().join("whole"))?;
            copy_folder(template.data(), whole.data())?;
            let began = Instant::now();
            let done = whole.ask(&["import", text(&file)?])?;
            usual = usual.min(began.elapsed());
            agrees(&done, &truth)?;
            after = Some(content(whole.data())?);
            std::fs::remove_dir_all(whole.data())?;
        }
        let after = after.context("the import ran")?;
        ensure!(before != after, "an import changes what a file holds");
        Ok(Self {
            scratch,
            file,
            before,
            after,
            usual,
        })
    }

    /// One import, killed at a moment of the seed's choice. The import's outcome is added to the counts.
    pub fn round(&self, seed: u64, counts: &mut Counts) -> Result<()> {
        let data = self.scratch.path().join(format!("round-{seed}"));
        copy_folder(&self.scratch.path().join("template"), &data)?;
        let ketu = Ketu::on(&data)?;
        let share = Rng::with_seed(seed).f64();
        let mut child = ketu.spawn(&["import", text(&self.file)?])?;
        std::thread::sleep(self.usual.mul_f64(share).min(PATIENCE));
        let killed = child.try_wait()?.is_none();
        child.kill()?;
        child.wait()?;

        let doctor = ketu
            .ask(&["doctor"])
            .with_context(|| format!("seed {seed}: doctor"))?;
        ensure!(
            doctor["findings"]
                .as_array()
                .is_some_and(|findings| findings.iter().any(|found| found["code"] == "file_whole")),
            "seed {seed}: {doctor}"
        );
        let found = content(&data)?;
        let left = unfinished_backups(&data)?;
        ensure!(left.is_empty(), "seed {seed}: left of a backup: {left:?}");
        counts.rounds += 1;
        counts.killed += u32::from(killed);
        if found == self.after {
            counts.all += 1;
        } else {
            ensure!(
                found == self.before,
                "seed {seed}: a part of an import: {found:?}, not {:?} or {:?}",
                self.before,
                self.after
            );
            counts.none += 1;
        }
        Ok(std::fs::remove_dir_all(&data)?)
    }
}

/// What a backup that was killed left, once the file was opened again.
fn unfinished_backups(data: &Path) -> Result<Vec<PathBuf>> {
    let mut left = Vec::new();
    // Whoever was killed before the backup has no folder for it yet.
    let entries = std::fs::read_dir(data.join("backups"));
    for entry in entries.into_iter().flatten() {
        let path = entry?.path();
        let kind = path.extension().and_then(|kind| kind.to_str());
        let alone = kind == Some("keys") && !path.with_extension("db").exists();
        if alone || kind.is_some_and(|kind| kind.starts_with("part")) {
            left.push(path);
        }
    }
    Ok(left)
}

/// Whether an import came to what the workbook's maker knows.
pub fn agrees(done: &Json, truth: &Truth) -> Result<()> {
    let expected = json!({
        "rows": truth.rows, "created": truth.created, "updated": 0, "skipped": truth.skipped, "failed": truth.failed,
        "records": truth.records,
    });
    for (key, value) in expected.as_object().into_iter().flatten() {
        ensure!(done[key] == *value, "{key}: {} and not {value}", done[key]);
    }
    Ok(())
}

fn content(data: &Path) -> Result<Content> {
    let app = App::start(Options::new(data, std::env::current_exe()?));
    let content = content_of(&app);
    app.stop();
    content
}

fn content_of(app: &App) -> Result<Content> {
    let ask = |method: &str, params: Json| {
        app.dispatch(method, params)
            .map_err(|error| anyhow!("{method}: {}", error.code))
    };
    let mut counts = Vec::new();
    for entity in ENTITIES {
        let opened = ask(
            "view_open",
            json!({ "entity": entity, "columns": [], "limit": 1 }),
        )?;
        let window = ask(
            "view_window",
            json!({ "view": opened["view"], "offset": 0, "limit": 1, "columns": [] }),
        )?;
        counts.push(
            window["count"]
                .as_u64()
                .context("a whole list is counted")?,
        );
    }
    let step = ask("undo_state", json!({}))?["undo"].clone();
    let mut found = Vec::new();
    for (entity, text) in SEARCHED {
        let answer = ask(
            "search",
            json!({ "text": text, "limit": 1, "entities": [entity] }),
        )?;
        found.push(answer["total"].as_u64().context("hits are counted")?);
    }
    Ok(Content {
        counts,
        last_step: (
            step["action"].as_str().unwrap_or_default().to_owned(),
            step["count"].as_u64().unwrap_or_default(),
        ),
        found,
    })
}

fn text(path: &Path) -> Result<&str> {
    path.to_str()
        .context("the folder for temporary files has a name in text")
}

/// A copy of a folder with all that is in it.
pub fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
