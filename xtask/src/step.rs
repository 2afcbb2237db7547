//! Commands as steps: said, timed, and shown in full only when they fail.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

/// How much of a failed step's output is repeated on the screen.
const LINES_SHOWN: usize = 300;

/// Runs a command with its output on the screen.
pub(crate) fn shown(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| said(command))?;
    ensure!(status.success(), "{} ended with {status}", said(command));
    Ok(())
}

/// True when the command exists and succeeds; its output does not matter.
pub(crate) fn answers(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

/// The command as one would type it.
fn said(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Steps in order; each writes its output to a file of its own.
pub(crate) struct Steps {
    logs: PathBuf,
    done: Vec<(&'static str, Duration)>,
}

impl Steps {
    pub(crate) fn new(logs: PathBuf) -> Result<Self> {
        fs::create_dir_all(&logs).with_context(|| format!("{} can be written", logs.display()))?;
        Ok(Self {
            logs,
            done: Vec::new(),
        })
    }

    /// Runs the commands one after the other as one step and answers what they wrote.
    pub(crate) fn run(
        &mut self,
        name: &'static str,
        commands: impl IntoIterator<Item = Command>,
    ) -> Result<String> {
        print!("· {name} … ");
        std::io::stdout().flush()?;
        let began = Instant::now();
        let log = self.logs.join(format!("{}.log", name.replace(' ', "-")));
        let file = File::create(&log)?;
        for mut command in commands {
            command
                .env("CARGO_TERM_COLOR", "never")
                .env("NO_COLOR", "1");
            command
                .stdin(std::process::Stdio::null())
                .stdout(file.try_clone()?)
                .stderr(file.try_clone()?);
            let status = command.status().with_context(|| said(&command))?;
            if !status.success() {
                println!("failed after {}", seconds(began.elapsed()));
                print_end(&read(&log)?);
                bail!(
                    "{name}: {} ended with {status}; all of it is in {}",
                    said(&command),
                    log.display()
                );
            }
        }
        println!("{}", seconds(began.elapsed()));
        self.done.push((name, began.elapsed()));
        read(&log)
    }

    pub(crate) fn print_times(&self) {
        println!("\ntimes");
        for (name, time) in &self.done {
            println!("  {:>8}  {name}", seconds(*time));
        }
        println!(
            "  {:>8}  all",
            seconds(self.done.iter().map(|(_, time)| *time).sum())
        );
    }
}

/// A test may write bytes that are no text; its log is still a log.
fn read(log: &Path) -> Result<String> {
    Ok(String::from_utf8_lossy(&fs::read(log)?).into_owned())
}

fn print_end(text: &str) {
    let lines: Vec<&str> = text.lines().collect();
    let skipped = lines.len().saturating_sub(LINES_SHOWN);
    if skipped > 0 {
        println!("  … {skipped} lines before");
    }
    for line in &lines[skipped..] {
        println!("  {line}");
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
