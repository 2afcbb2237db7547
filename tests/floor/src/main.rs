//! The floors: what the libraries alone need for the same work, without anything of Ketu's. The bench runs this
//! program beside Ketu on the same machine and compares.
//!
//! `raw FILE DB`: every cell read, every row put into one bare table.
//! `reference FILE DB KEY`: the least program that does an import's job.
//! `export FROM TO`: the rows of one workbook written to another in constant memory; prints the seconds of the writing.
#![allow(clippy::print_stdout, reason = "a command's answer is its output")]

mod cells;
mod export;
mod raw;
mod reference;

use std::path::Path;

use anyhow::{Result, bail};

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["raw", file, database] => {
            let rows = raw::run(Path::new(file), Path::new(database))?;
            println!("{}", serde_json::json!({ "rows": rows }));
        }
        ["reference", file, database, key] => {
            let counts = reference::run(Path::new(file), Path::new(database), key)?;
            println!(
                "{}",
                serde_json::json!({ "added": counts.added, "repeated": counts.repeated, "refused": counts.refused })
            );
        }
        ["export", from, to] => {
            let seconds = export::run(Path::new(from), Path::new(to))?;
            println!("{}", serde_json::json!({ "seconds": seconds }));
        }
        _ => bail!("raw FILE DB | reference FILE DB KEY | export FROM TO"),
    }
    Ok(())
}
