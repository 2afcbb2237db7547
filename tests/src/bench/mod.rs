//! The figures, beside the floors of the same machine in the same run. A limit that is missed is an error.

mod base;
mod data;
mod imports;
mod lists;
mod machine;
mod report;
mod sync;
mod watch;

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use report::Report;

/// What to measure.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Smaller sizes, for a look; the limits are for the full ones and are not checked.
    pub quick: bool,
    pub runs: usize,
    /// How long many laptops at once are looked at.
    pub seconds: u64,
    /// Only these parts: `import`, `export`, `lists`, `sync` or a part of it; all but `sync` where empty.
    pub parts: Vec<String>,
}

impl Wish {
    fn wants(&self, part: &str) -> bool {
        self.parts.is_empty() || self.parts.iter().any(|wanted| wanted == part)
    }

    /// A part that takes so long that it is named, whole or in part.
    fn wants_of(&self, whole: &str, part: &str) -> bool {
        self.parts
            .iter()
            .any(|wanted| wanted == whole || wanted == part)
    }

    fn seconds(&self) -> u64 {
        if self.quick {
            self.seconds.min(10)
        } else {
            self.seconds
        }
    }

    fn rows(&self) -> u32 {
        if self.quick { 10_000 } else { 100_000 }
    }
}

/// Measures and prints. Fails when a limit is missed.
pub fn run(wish: &Wish) -> Result<()> {
    ensure!(wish.runs > 0, "at least one run");
    let folder = folder()?;
    let mut report = Report::new(!wish.quick);
    report.say(&machine::words());
    report.say(&format!(
        "{} rows x 12, median of {} (min-max); {} build",
        wish.rows(),
        wish.runs,
        if cfg!(debug_assertions) {
            "debug"
        } else {
            "release"
        }
    ));
    if wish.wants("import") {
        imports::measure(wish, &folder, &mut report)?;
    }
    if wish.wants("export") || wish.wants("lists") {
        let base = base::Base::ready(&folder, wish.rows())?;
        if wish.wants("lists") {
            lists::measure(wish, &base, &mut report)?;
        }
        if wish.wants("export") {
            lists::measure_export(wish, &base, &folder, &mut report)?;
        }
    }
    sync::measure(wish, &folder, &mut report)?;
    report.end()
}

/// Where large files are kept from one run to the next: beside what cargo builds.
fn folder() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    let target = program
        .parent()
        .and_then(std::path::Path::parent)
        .context("a program lies in the target folder")?;
    let folder = target.join("bench");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}
