//! `ketu`, the command line: the same core as the window's, for scripts and for machines without a display.
//!
//! Exit codes: 0 done, also when rows of an import failed; 1 refused, with the reason on standard error;
//! 2 wrong usage. With `--json` standard output is one JSON document, and a refusal is `{code, params, …}`.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command's answer is its output"
)]

mod answer;
mod arguments;
mod commands;
mod core;
mod language;
mod names;
mod place;
mod refusals;
#[cfg(all(feature = "bridge", debug_assertions))]
mod serve;
mod table;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use ketu_app::ApiError;

use crate::answer::Answer;
use crate::arguments::Arguments;
use crate::core::Core;
use crate::language::Language;

/// An import reads on one thread and writes on another: what one makes the other frees, and the system's
/// allocator lets them wait for each other.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // The same program is started again as the process that reads a spreadsheet.
    ketu_app::run_worker_if_asked();
    let asked = Arguments::parse();
    let data_dir = asked.data.clone().unwrap_or_else(place::default_data_dir);
    #[cfg(all(feature = "bridge", debug_assertions))]
    if let arguments::What::Serve { port, page } = &asked.what {
        return serve::run(&asked, *port, page.as_deref());
    }
    let core = match Core::start(data_dir) {
        Ok(core) => core,
        Err(refusal) => return refuse(&refusal, asked.json, Language::of_environment()),
    };
    let language = core.language();
    let result = commands::run(&core, language, &asked);
    core.stop();
    match result {
        Ok(answer) => say(&answer, asked.json, language),
        Err(refusal) => refuse(&refusal, asked.json, language),
    }
}

fn say(answer: &Answer, json: bool, language: Language) -> ExitCode {
    let text = if json {
        answer.json.to_string()
    } else {
        answer.text.trim_end().to_owned()
    };
    // A reader that has seen enough, as `head` has, is no fault of this command.
    let _ = writeln!(std::io::stdout().lock(), "{text}");
    match &answer.refusal {
        Some(refusal) => refuse(refusal, json, language),
        None => ExitCode::SUCCESS,
    }
}

fn refuse(refusal: &ApiError, json: bool, language: Language) -> ExitCode {
    if json {
        let refusal = serde_json::to_string(refusal).expect("a refusal is plain data");
        eprintln!("{refusal}");
    } else {
        eprintln!("{}", refusals::sentence(refusal, language));
    }
    ExitCode::FAILURE
}
