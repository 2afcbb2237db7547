//! `workbook FILE`: writes a customer workbook with the oddities of real ones, and prints the truth about it as JSON.
#![allow(clippy::print_stdout, reason = "a command's answer is its output")]

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use ketu_tests::workbook::{Spec, generate};

#[derive(Parser)]
#[command(name = "workbook", about = "A customer workbook with known truth")]
struct Asked {
    /// Where it goes; .csv is written as text
    file: PathBuf,
    #[arg(long, default_value_t = 2_000)]
    rows: u32,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Rows with one bad cell each
    #[arg(long, default_value_t = 0)]
    errors: u32,
}

fn main() -> ExitCode {
    ketu_tests::ended(act())
}

fn act() -> Result<()> {
    let asked = Asked::parse();
    let (sheet, truth) = generate(&Spec {
        rows: asked.rows,
        seed: asked.seed,
        errors: asked.errors,
    });
    if asked
        .file
        .extension()
        .is_some_and(|extension| extension == "csv")
    {
        std::fs::write(&asked.file, sheet.to_csv())?;
    } else {
        sheet.write_xlsx(&asked.file)?;
    }
    println!("{}", serde_json::to_string_pretty(&truth)?);
    Ok(())
}
