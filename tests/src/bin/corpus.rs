//! `corpus DIR`: every spreadsheet of a folder imported, or refused with a reason. Ends with 1 where the folder is
//! absent or holds none, and on any panic, death, hang or silent refusal.
#![allow(clippy::print_stdout, reason = "a command's answer is its output")]

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, ensure};
use clap::Parser;
use ketu_tests::corpus::run;

#[derive(Parser)]
#[command(name = "corpus", about = "Import every spreadsheet of a folder")]
struct Asked {
    folder: PathBuf,
    /// Say what became of each file
    #[arg(long)]
    each: bool,
}

fn main() -> ExitCode {
    ketu_tests::ended(act())
}

fn act() -> Result<()> {
    let asked = Asked::parse();
    ensure!(
        asked.folder.is_dir(),
        "no folder {}",
        asked.folder.display()
    );
    let tally = run(&asked.folder, |file, outcome| {
        if asked.each || outcome.starts_with("FAULT") {
            println!("{}: {outcome}", file.display());
        }
    })?;
    println!("{tally}");
    ensure!(tally.faults.is_empty(), "{} faults", tally.faults.len());
    Ok(())
}
