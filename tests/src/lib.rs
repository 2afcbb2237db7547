//! What whole-system tests share: workbooks with known truth, the command line as a child process, and what the
//! programs `workbook`, `xlsx-json`, `corpus`, `soak` and `bench` are made of.

pub mod bench;
pub mod center;
#[path = "../../crates/server/tests/suite/cluster.rs"]
pub mod cluster;
pub mod corpus;
pub mod evidence;
pub mod ketu;
pub mod kill;
pub mod workbook;

/// How a program of this package ends: with a sentence that says why, where it failed.
#[allow(clippy::print_stderr, reason = "the last word of a program")]
pub fn ended(done: anyhow::Result<()>) -> std::process::ExitCode {
    match done {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}
