//! docs/evidence.md: a line for each long run that ended well.

use std::fs;
use std::time::Duration;

use anyhow::{Result, ensure};

use crate::place::Place;

/// Appends what a run found, with the day and the commit; marked where the work tree differs from the commit.
pub(crate) fn note(place: &Place, part: &str, found: &str, took: Duration) -> Result<()> {
    let said = |program: &str, args: &[&str]| -> Result<String> {
        let output = place.command(program, ".").args(args).output()?;
        ensure!(output.status.success(), "{program} answers");
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let day = said("date", &["+%F"])?;
    let commit = said("git", &["rev-parse", "--short=12", "HEAD"])?;
    // What earlier parts of a run appended is no change of what is tested.
    let status = [
        "status",
        "--porcelain",
        "--untracked-files=no",
        "--",
        ".",
        ":!docs/evidence.md",
    ];
    let changes = said("git", &status)?;
    let mark = if changes.is_empty() { "" } else { "+" };
    let path = place.path("docs/evidence.md");
    let mut text = fs::read_to_string(&path)?;
    let seconds = took.as_secs();
    text.push_str(&format!(
        "| {day} | {part} | {commit}{mark} | - | {found} | {seconds} s |\n"
    ));
    Ok(fs::write(path, text)?)
}
