//! The project's commands. They install what is missing, say what they do, and end with a plain yes or no.
#![allow(clippy::print_stdout, reason = "a command's answer is its output")]

mod checks;
mod evidence;
mod fuzz;
mod place;
mod step;
mod tools;
mod window;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

use crate::place::Place;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Ketu's own commands")]
struct Asked {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Build the window and open it; without a display, leave a picture of it at out/ketu.png
    Run {
        /// Build as it is shipped
        #[arg(long)]
        release: bool,
        /// Given to the program, e.g. --data-dir=DIR
        #[arg(last = true)]
        args: Vec<String>,
    },
    /// Every check and test, in order, until one fails
    Test,
    /// The figures, beside the floors of this machine
    Bench {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// What is too long for every day; appends to docs/evidence.md
    Soak {
        /// One part of it; all where absent
        part: Option<String>,
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Import every spreadsheet of a folder, or refuse it with a reason
    Corpus { folder: PathBuf },
    /// Write the page's TypeScript contract again from the core
    Types,
}

fn main() -> ExitCode {
    match act(Asked::parse().what) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("\n✗ {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn act(what: What) -> Result<()> {
    let place = Place::find()?;
    match what {
        What::Run { release, args } => window::run(&place, release, &args),
        What::Test => checks::run(&place),
        What::Bench { args } => {
            // The floors first: the bench compares itself with them on the same machine.
            let floors = ["build", "--quiet", "--release", "--package", "ketu-floor"];
            step::shown(place.cargo().args(floors))?;
            if args.iter().any(|part| part.starts_with("sync")) {
                tools::to_serve()?;
                tools::to_compare(&place)?;
                let server = ["build", "--quiet", "--release", "--package", "ketu-server"];
                step::shown(place.cargo().args(server))?;
            }
            system_tests(&place, "bench", &args)
        }
        What::Soak { part, args } if part.as_deref() == Some("fuzz") => fuzz::run(&place, &args),
        What::Soak { part, args } if part.as_deref() == Some("server-kill") => {
            server_kill(&place, &args)
        }
        What::Soak { part, args } => {
            let all: Vec<String> = part.iter().cloned().chain(args).collect();
            system_tests(&place, "soak", &all)?;
            match part.as_deref() {
                Some("sync") => server_kill(&place, &[]),
                _ => Ok(()),
            }
        }
        What::Corpus { folder } => {
            anyhow::ensure!(folder.is_dir(), "no folder {}", folder.display());
            let folder = folder.canonicalize()?.to_string_lossy().into_owned();
            system_tests(&place, "corpus", &[folder])
        }
        What::Types => {
            let tests = ["test", "--quiet", "--package", "ketu-app", "contract"];
            step::shown(place.cargo().args(tests).env("KETU_WRITE_CONTRACT", "1"))
        }
    }
}

/// The test of the server's kills, with so many of them (300 where nothing is said), on each store.
fn server_kill(place: &Place, args: &[String]) -> Result<()> {
    let kills = args.first().map_or("300", String::as_str);
    for store in ["sqlite", "postgresql"] {
        println!("{kills} kills on {store}");
        let mut test = place.cargo();
        test.args([
            "test",
            "--quiet",
            "--package",
            "ketu-server",
            "--test",
            "suite",
        ]);
        test.args(["--", "--nocapture", "--exact"]);
        test.arg(format!(
            "kill::a_killed_server_takes_each_op_exactly_once_on_{store}"
        ));
        let began = Instant::now();
        let output = test.env("KETU_KILLS", kills).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        anyhow::ensure!(output.status.success(), "{said}");
        let found = said.lines().find(|line| line.contains(" kills: "));
        let found = found.context("the test says how often each moment was met")?;
        println!("{found}");
        evidence::note(
            place,
            &format!("server-kill {store}"),
            found,
            began.elapsed(),
        )?;
    }
    Ok(())
}

/// Runs one of the programs of the package `ketu-tests`, built as it is shipped.
fn system_tests(place: &Place, program: &str, args: &[String]) -> Result<()> {
    let build = [
        "build",
        "--quiet",
        "--release",
        "--package",
        "ketu-tests",
        "--bin",
        program,
        "--package",
        "ketu-cli",
        "--bin",
        "ketu",
    ];
    step::shown(place.cargo().args(build))?;
    let run = [
        "run",
        "--quiet",
        "--release",
        "--package",
        "ketu-tests",
        "--bin",
        program,
        "--",
    ];
    step::shown(place.cargo().args(run).args(args))
}
