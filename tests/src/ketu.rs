//! The command line as a child process: the built program, on a data folder of its own, with no keyring of anybody's.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value as Json;

/// How often a child that is waited for is looked at.
const TICK: Duration = Duration::from_millis(2);

/// The program `ketu` and the data folder that it is used on.
#[derive(Debug, Clone)]
pub struct Ketu {
    program: PathBuf,
    data: PathBuf,
    /// Parts of the catalog that it does not have, as an older version.
    without: String,
}

/// How a child ended.
#[derive(Debug)]
pub struct Ended {
    pub output: Output,
    pub took: Duration,
    /// It was still running at the deadline, and was killed.
    pub hung: bool,
}

/// A program of this workspace, built in the same way as the one that asks.
pub fn built(name: &str) -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let mut folder = own.parent().context("a program lies in a folder")?;
    if folder.file_name() == Some(OsStr::new("deps")) {
        folder = folder.parent().context("deps lies in a folder")?;
    }
    let program = folder
        .join(name)
        .with_extension(std::env::consts::EXE_EXTENSION);
    ensure!(program.exists(), "{} is not built", program.display());
    Ok(program)
}

impl Ketu {
    pub fn on(data: impl Into<PathBuf>) -> Result<Self> {
        Ok(Self {
            program: built("ketu")?,
            data: data.into(),
            without: String::new(),
        })
    }

    /// A version that did not have these entities and fields yet: `participation,customer.website`. The program has to be
    /// built with all features, as the tests are.
    pub fn without(mut self, parts: &str) -> Self {
        parts.clone_into(&mut self.without);
        self
    }

    pub fn data(&self) -> &Path {
        &self.data
    }

    pub fn command<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(args)
            .arg("--json")
            .arg("--data")
            .arg(&self.data);
        // No keyring answers here, so that the key lies in the data folder and goes with it.
        command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
        command.env_remove("KETU_USER");
        command.env("KETU_OLDER", &self.without);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs to the end; the answer, or what was refused as an error.
    pub fn ask<S: AsRef<OsStr>>(&self, args: &[S]) -> Result<Json> {
        let output = self.command(args).output()?;
        if !output.status.success() {
            let words: Vec<_> = args
                .iter()
                .map(|arg| arg.as_ref().to_string_lossy())
                .collect();
            bail!(
                "ketu {}: {} {}",
                words.join(" "),
                output.status,
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        serde_json::from_slice(&output.stdout).context("an answer is JSON")
    }

    /// Makes the data file.
    pub fn set_up(&self) -> Result<()> {
        self.ask(&["setup", "--name", "测试", "--language", "zh-CN"])
            .map(drop)
    }

    /// Runs to the end or to the deadline.
    pub fn run_within<S: AsRef<OsStr>>(&self, args: &[S], most: Duration) -> Result<Ended> {
        let began = Instant::now();
        let mut child = self.command(args).spawn()?;
        let readers = [reader(child.stdout.take()), reader(child.stderr.take())];
        let mut hung = false;
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break status;
            }
            if began.elapsed() >= most {
                hung = true;
                child.kill()?;
                break child.wait()?;
            }
            std::thread::sleep(TICK);
        };
        let took = began.elapsed();
        let [stdout, stderr] = readers.map(|reader| reader.join().unwrap_or_default());
        Ok(Ended {
            output: Output {
                status,
                stdout,
                stderr,
            },
            took,
            hung,
        })
    }

    pub fn spawn<S: AsRef<OsStr>>(&self, args: &[S]) -> Result<Child> {
        let mut command = self.command(args);
        Ok(command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?)
    }
}

/// Reads a pipe beside, so that a child that says much does not wait for us.
fn reader(pipe: Option<impl std::io::Read + Send + 'static>) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // What was said before the pipe broke is what there is to tell.
            let _ = pipe.read_to_end(&mut bytes);
        }
        bytes
    })
}
