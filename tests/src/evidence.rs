//! docs/evidence.md: what the long runs found, a line for each run, with its seed and its commit.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use ketu_model::clock::{Clock, SystemClock};

const HEAD: &str = "# Evidence\n\n\
    What the runs that are too long for CI found. `cargo xtask soak` appends a line for each run.\n\n\
    | Date | Part | Commit | Seed | Found | Time |\n|---|---|---|---|---|---|\n";

/// The project's root.
pub fn root() -> Result<PathBuf> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    Ok(tests
        .parent()
        .context("the tests lie in the project's root")?
        .to_owned())
}

/// One finished run.
#[derive(Debug)]
pub struct Run<'a> {
    pub part: &'a str,
    /// What was tested, as [`commit`] names it.
    pub commit: &'a str,
    pub seed: u64,
    pub found: String,
    pub seconds: f64,
}

pub fn append(run: &Run<'_>) -> Result<()> {
    let path = root()?.join("docs/evidence.md");
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let is_new = !path.exists();
    let mut file = OpenOptions::new().append(true).create(true).open(&path)?;
    if is_new {
        file.write_all(HEAD.as_bytes())?;
    }
    Ok(writeln!(
        file,
        "{}",
        line(run, &SystemClock.today().to_string())
    )?)
}

fn line(run: &Run<'_>, date: &str) -> String {
    let found = run.found.replace('\n', "; ").replace('|', "/");
    format!(
        "| {date} | {} | {} | {} | {found} | {:.0} s |",
        run.part, run.commit, run.seed, run.seconds
    )
}

/// The commit that was tested, marked where the work tree differs from it.
pub fn commit() -> String {
    let git = |args: &[&str]| {
        let asked = Command::new("git")
            .args(args)
            .current_dir(root().ok()?)
            .output()
            .ok()?;
        asked
            .status
            .success()
            .then(|| String::from_utf8_lossy(&asked.stdout).trim().to_owned())
    };
    let Some(commit) = git(&["rev-parse", "--short=12", "HEAD"]) else {
        return "none".to_owned();
    };
    // What earlier parts of a run appended is no change of what is tested.
    let status = [
        "status",
        "--porcelain",
        "--untracked-files=no",
        "--",
        ".",
        ":!docs/evidence.md",
    ];
    let changed = git(&status).is_some_and(|changes| !changes.is_empty());
    if changed {
        format!("{commit}+")
    } else {
        commit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_one_line_of_a_table() {
        let run = Run {
            part: "kill",
            commit: "abc",
            seed: 7,
            found: "a|b\nc".to_owned(),
            seconds: 12.6,
        };
        assert_eq!(
            line(&run, "2026-11-25"),
            "| 2026-11-25 | kill | abc | 7 | a/b; c | 13 s |"
        );
    }
}
