//! `bench`: the figures beside the floors of this machine. Ends with 1 when a limit is missed.

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use ketu_tests::bench::{Wish, run};

/// The programs' own: lists and the export are measured in this process.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(
    name = "bench",
    about = "The figures, beside the floors of this machine"
)]
struct Asked {
    /// Smaller sizes; limits are not checked
    #[arg(long)]
    quick: bool,
    /// Runs of which the median counts
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// How long many laptops at once are looked at, in the part sync
    #[arg(long, default_value_t = 300)]
    seconds: u64,
    /// Only these parts: import, lists, export; sync, which is done only where named, or of it sync-first, sync-load,
    /// sync-pouchdb
    parts: Vec<String>,
}

fn main() -> ExitCode {
    ketu_app::run_worker_if_asked();
    ketu_tests::ended(act())
}

fn act() -> Result<()> {
    let asked = Asked::parse();
    run(&Wish {
        quick: asked.quick,
        runs: asked.runs,
        seconds: asked.seconds,
        parts: asked.parts,
    })
}
