//! The laptops that join a company's server through `ketu`.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use ketu_tests::ketu::Ketu;
use serde_json::{Value as Json, json};

pub const PASSWORD: &str = "correct horse battery";

/// Somebody's laptop.
pub struct Laptop {
    folder: tempfile::TempDir,
    ketu: Ketu,
    pub name: String,
}

impl Laptop {
    /// One that has been used alone until now.
    pub fn alone(name: &str) -> Self {
        Self::older(name, "")
    }

    /// One with a version of Ketu that did not have these entities and fields yet.
    pub fn older(name: &str, without: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ketu = Ketu::on(folder.path().join("data")).unwrap();
        let ketu = ketu.without(without);
        ketu.ask(&["setup", "--name", name, "--language", "zh-CN"])
            .unwrap();
        Self {
            folder,
            ketu,
            name: name.to_owned(),
        }
    }

    /// This version is put in the place of the older one.
    pub fn upgrade(&mut self) {
        self.ketu = self.ketu.clone().without("");
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

    /// A backup; its name.
    pub fn backed_up(&self) -> String {
        let backup = self.ask(&["backup"]);
        backup["name"].as_str().unwrap().to_owned()
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
