//! The server of a company as a child process: the built program on a folder of its own, with its data in a file or in a
//! throw-away PostgreSQL, on a free port of this machine.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::cluster::Cluster;
use crate::ketu::built;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    File,
    Postgres,
}

/// It keeps its address when it is started again.
#[derive(Debug)]
pub struct Center {
    folder: tempfile::TempDir,
    cluster: Option<Cluster>,
    listen: String,
    settings: Vec<(&'static str, &'static str)>,
    process: Option<Child>,
    admin: String,
}

impl Center {
    pub fn start(kind: Kind) -> Result<Self> {
        Self::on((kind == Kind::Postgres).then(Cluster::start), &[])
    }

    /// On a file where there is no cluster, with settings of the server beside those of tests.
    pub fn on(cluster: Option<Cluster>, settings: &[(&'static str, &'static str)]) -> Result<Self> {
        let free = TcpListener::bind("127.0.0.1:0")?;
        let listen = free.local_addr()?.to_string();
        drop(free);
        let mut center = Self {
            folder: tempfile::tempdir()?,
            cluster,
            listen,
            settings: settings.to_vec(),
            process: None,
            admin: String::new(),
        };
        center.admin = center.serve()?;
        Ok(center)
    }

    fn command(&self, arguments: &[&str]) -> Result<Command> {
        let mut command = Command::new(built("ketu-server")?);
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
        for (name, value) in &self.settings {
            command.env(format!("KETU_SERVER_{name}"), value);
        }
        if let Some(cluster) = &self.cluster {
            command.env("KETU_SERVER_DATABASE", cluster.address());
        }
        Ok(command)
    }

    /// The folder of its file.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Starts it; the invitation that a new one prints, or nothing.
    pub fn serve(&mut self) -> Result<String> {
        let mut process = self
            .command(&["serve"])?
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let lines = process.stdout.take().context("its output is piped")?;
        let mut errors = process.stderr.take().context("its errors are piped")?;
        let mut lines = BufReader::new(lines).lines();
        let mut invitation = String::new();
        loop {
            let Some(line) = lines.next().transpose()? else {
                let mut log = String::new();
                errors.read_to_string(&mut log)?;
                bail!("the server ended: {log}");
            };
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
        Ok(invitation)
    }

    /// The invitation of its first administrator.
    pub fn admin(&self) -> &str {
        &self.admin
    }

    /// Where it listens.
    pub fn listens_on(&self) -> &str {
        &self.listen
    }

    /// Its process, while it runs.
    pub fn process(&self) -> Option<u32> {
        self.process.as_ref().map(Child::id)
    }

    pub fn do_it(&self, arguments: &[&str]) -> Result<String> {
        let output = self.command(arguments)?.output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{arguments:?}: {said}");
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Adds a person; the invitation.
    pub fn person(&self, login: &str, name: &str, role: &str) -> Result<String> {
        invited(&self.do_it(&["user", "add", login, "--name", name, "--role", role])?)
    }

    /// Adds another organisation; the invitation of its first administrator.
    pub fn org(&self, name: &str) -> Result<String> {
        invited(&self.do_it(&["init", "--name", name])?)
    }

    /// Pulls the plug.
    pub fn kill(&mut self) -> Result<()> {
        if let Some(mut process) = self.process.take() {
            process.kill()?;
            process.wait()?;
        }
        Ok(())
    }

    pub fn backup(&self) -> Result<String> {
        let to = self.folder.path().join("copy.db");
        let to = to.to_str().context("its folder's name is text")?.to_owned();
        self.do_it(&["backup", "--to", &to])?;
        Ok(to)
    }
}

impl Drop for Center {
    fn drop(&mut self) {
        // Nothing of it is kept, and where it ended by itself there is nothing to end.
        let _ = self.kill();
    }
}

fn invited(said: &str) -> Result<String> {
    let line = said
        .lines()
        .find_map(|line| line.trim().strip_prefix("ketu join "));
    Ok(line.context("it prints an invitation")?.to_owned())
}
