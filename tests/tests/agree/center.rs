//! A real server as a child process, on a file or on PostgreSQL, and the laptops that join it through `ketu`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use ketu_tests::ketu::{Ketu, built};
use serde_json::{Value as Json, json};

use crate::cluster::Cluster;

pub const PASSWORD: &str = "correct horse battery";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    File,
    Postgres,
}

/// The server of a company. It keeps its address when it is started again.
pub struct Center {
    folder: tempfile::TempDir,
    cluster: Option<Cluster>,
    listen: String,
    process: Option<Child>,
    admin: String,
}

impl Center {
    pub fn start(kind: Kind) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let listen = free.local_addr().unwrap().to_string();
        drop(free);
        let mut center = Self {
            folder: tempfile::tempdir().unwrap(),
            cluster: (kind == Kind::Postgres).then(Cluster::start),
            listen,
            process: None,
            admin: String::new(),
        };
        center.admin = center.serve();
        center
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(built("ketu-server").unwrap());
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("KETU_SERVER_") {
                command.env_remove(name);
            }
        }
        command
            .env("KETU_SERVER_DATA", self.data())
            .env("KETU_SERVER_LISTEN", &self.listen)
            .env("KETU_SERVER_PASSWORD_MEMORY_KIB", "64")
            .args(arguments);
        if let Some(cluster) = &self.cluster {
            command.env("KETU_SERVER_DATABASE", cluster.address());
        }
        command
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Starts it; the invitation that a new one prints, or nothing.
    pub fn serve(&mut self) -> String {
        let mut process = self
            .command(&["serve"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut errors = process.stderr.take().unwrap();
        let mut invitation = String::new();
        loop {
            let Some(line) = lines.next() else {
                let mut log = String::new();
                errors.read_to_string(&mut log).unwrap();
                panic!("the server ended: {log}");
            };
            let line = line.unwrap();
            if let Some(text) = line.trim().strip_prefix("ketu join ") {
                invitation = text.to_owned();
            }
            if line.trim_start().starts_with("code ") || line.starts_with("To let somebody in") {
                break;
            }
        }
        // What it says later is read away, so that it never waits for a reader.
        std::thread::spawn(move || std::io::copy(&mut errors, &mut std::io::sink()));
        self.process = Some(process);
        invitation
    }

    pub fn admin(&self) -> &str {
        &self.admin
    }

    pub fn do_it(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Adds a person; the invitation.
    pub fn person(&self, login: &str, name: &str, role: &str) -> String {
        let said = self.do_it(&["user", "add", login, "--name", name, "--role", role]);
        let line = said
            .lines()
            .find_map(|line| line.trim().strip_prefix("ketu join "));
        line.expect("it prints an invitation").to_owned()
    }

    /// Pulls the plug.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    pub fn backup(&self) -> String {
        let to = self.folder.path().join("copy.db");
        let to = to.to_str().unwrap().to_owned();
        self.do_it(&["backup", "--to", &to]);
        to
    }
}

impl Drop for Center {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Somebody's laptop.
pub struct Laptop {
    folder: tempfile::TempDir,
    ketu: Ketu,
    pub name: String,
}

impl Laptop {
    /// One that has been used alone until now.
    pub fn alone(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ketu = Ketu::on(folder.path().join("data")).unwrap();
        ketu.ask(&["setup", "--name", name, "--language", "zh-CN"])
            .unwrap();
        Self {
            folder,
            ketu,
            name: name.to_owned(),
        }
    }

    pub fn joined(name: &str, invitation: &str) -> Self {
        let laptop = Self::alone(name);
        laptop.join(invitation);
        laptop
    }

    /// The same folder under another name, as somebody copies it to a new machine.
    pub fn cloned(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let copied = Command::new("cp")
            .arg("-a")
            .arg(self.ketu.data())
            .arg(folder.path().join("data"))
            .status()
            .unwrap();
        assert!(copied.success());
        Self {
            ketu: Ketu::on(folder.path().join("data")).unwrap(),
            folder,
            name: self.name.clone(),
        }
    }

    pub fn join(&self, invitation: &str) -> Json {
        let answer = self.with_input(&["join", invitation], PASSWORD);
        answer.unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    /// The answer, or the code of the refusal.
    pub fn with_input(&self, arguments: &[&str], input: &str) -> Result<Json, String> {
        let mut child = self
            .ketu
            .command(arguments)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        writeln!(child.stdin.take().unwrap(), "{input}").unwrap();
        told(&child.wait_with_output().unwrap())
    }

    pub fn try_ask(&self, arguments: &[&str]) -> Result<Json, String> {
        told(&self.ketu.command(arguments).output().unwrap())
    }

    pub fn ask(&self, arguments: &[&str]) -> Json {
        self.try_ask(arguments)
            .unwrap_or_else(|error| panic!("{} {arguments:?}: {error}", self.name))
    }

    /// Exchanges work; everything is told and heard then.
    pub fn sync(&self) -> Json {
        let status = self.ask(&["sync"]);
        assert_eq!(status["pending"], 0, "{}: {status}", self.name);
        assert_eq!(status["phase"], "up_to_date", "{}: {status}", self.name);
        status
    }

    pub fn add(&self, entity: &str, fields: Json) -> String {
        let saved = self.ask(&["add", entity, &fields.to_string()]);
        saved["id"].as_str().unwrap().to_owned()
    }

    pub fn set(&self, entity: &str, id: &str, fields: Json) {
        self.ask(&["set", entity, id, &fields.to_string()]);
    }

    pub fn field(&self, entity: &str, id: &str, field: &str) -> Json {
        self.ask(&["get", entity, id])["fields"][field].clone()
    }

    pub fn has(&self, entity: &str, id: &str) -> bool {
        self.try_ask(&["get", entity, id]).is_ok()
    }

    pub fn data(&self) -> &Path {
        self.ketu.data()
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

fn told(output: &std::process::Output) -> Result<Json, String> {
    if output.status.success() {
        return Ok(serde_json::from_slice(&output.stdout).unwrap());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let refusal: Json = serde_json::from_str(said.trim()).unwrap_or_else(|_| json!({}));
    let code = refusal["code"].as_str().map(str::to_owned);
    Err(code.unwrap_or_else(|| said.into_owned()))
}
