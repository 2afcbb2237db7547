//! The built program on a data folder of its own.
#![allow(dead_code, reason = "each test program uses a part")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value as Json;

pub struct Ketu {
    pub folder: tempfile::TempDir,
}

impl Ketu {
    /// An empty folder.
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// A folder with a data file.
    pub fn set_up() -> Self {
        let ketu = Self::new();
        ketu.ask(&["setup", "--name", "李雷", "--language", "zh-CN"]);
        ketu
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    pub fn write(&self, name: &str, text: &str) -> String {
        std::fs::write(self.folder.path().join(name), text).unwrap();
        self.path(name)
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ketu"));
        command.args(args).arg("--data").arg(self.data());
        // The key goes into the folder and not into the keyring of whoever runs the tests.
        command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
        command.env("LC_ALL", "en_US.UTF-8").env_remove("KETU_USER");
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    pub fn run_with_input(&self, args: &[&str], input: &str) -> Output {
        let mut child = self.command(args).stdin(Stdio::piped()).spawn().unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(input.as_bytes())
            .unwrap();
        child.wait_with_output().unwrap()
    }

    /// What it answers for people; it has to succeed.
    pub fn say(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(
            output.status.success(),
            "{args:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// What it answers as JSON; it has to succeed, and to say nothing else.
    pub fn ask(&self, args: &[&str]) -> Json {
        let output = self.run(&[args, &["--json"]].concat());
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success() && complaint.is_empty(),
            "{args:?}: {complaint}"
        );
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// What it refuses, with `{code, params}` on standard error.
    pub fn refusal(&self, args: &[&str]) -> Json {
        let output = self.run(&[args, &["--json"]].concat());
        assert_eq!(
            output.status.code(),
            Some(1),
            "{args:?}: {}",
            String::from_utf8_lossy(&output.stdout)
        );
        let refusal: Json = serde_json::from_slice(&output.stderr).unwrap();
        assert!(
            refusal["code"].is_string() && refusal["params"].is_object(),
            "{refusal}"
        );
        refusal
    }

    /// Adds a record and gives its id.
    pub fn add(&self, entity: &str, fields: &str) -> String {
        self.ask(&["add", entity, fields])["id"]
            .as_str()
            .unwrap()
            .to_owned()
    }
}

pub fn exists(path: &str) -> bool {
    Path::new(path).exists()
}
