//! `ketu-server`: the centre as a program. `serve` runs it; everything else is for whoever looks after it.
//!
//! Exit codes: 0 done, 1 refused or failed, with the reason on standard error, 2 wrong usage. Answers go to standard
//! output, the log to standard error.
#![allow(clippy::print_stderr, reason = "a refusal is said there")]

mod commands;

use std::process::ExitCode;

use clap::Parser;

/// Argon2 and large answers make and free much memory on many threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = commands::Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("ketu-server: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(commands::run(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ketu-server: {error}");
            ExitCode::FAILURE
        }
    }
}
