//! A laptop with a real file: set up and filled by the command line, then used in this process as the window uses it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use ketu_app::{App, Options};
use serde_json::{Value as Json, json};

use crate::bench::lists::timed;
use crate::bench::watch::{Watched, watch};
use crate::ketu::Ketu;

const PASSWORD: &str = "correct horse battery";
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub struct Laptop {
    folder: PathBuf,
    ketu: Ketu,
}

impl Laptop {
    /// A new one, of nobody's company yet.
    pub fn new(folder: PathBuf) -> Result<Self> {
        std::fs::create_dir_all(&folder)?;
        let ketu = Ketu::on(folder.join("data"))?;
        ketu.set_up()?;
        Ok(Self { folder, ketu })
    }

    /// The application on its file; with a background it synchronises by itself.
    pub fn open(&self, background: bool) -> App {
        // The command line left its key in the folder, so that no keyring is asked.
        let options = Options::new(
            self.ketu.data(),
            std::env::current_exe().unwrap_or_default(),
        );
        App::start(if background {
            options.with_background()
        } else {
            options
        })
    }

    /// `ketu join`: the program, from its start to its end with everything in the file that is for its user.
    pub fn join(&self, invitation: &str) -> Result<Watched> {
        let password = self.folder.join("password");
        std::fs::write(&password, format!("{PASSWORD}\n"))?;
        let mut command = self.ketu.command(&["join", invitation]);
        command
            .stdin(File::open(&password)?)
            .stderr(std::process::Stdio::inherit());
        let did = watch(&mut command)?;
        is_done(&did.answer)?;
        Ok(did)
    }

    /// Customers out of a table.
    pub fn import(&self, table: &Path, count: u32) -> Result<()> {
        let table = table.to_str().context("the target folder's name is text")?;
        let done = self.ketu.ask(&["import", table])?;
        ensure!(
            done["created"] == count && done["failed"] == 0,
            "imported: {done}"
        );
        Ok(())
    }
}

pub fn enrol(app: &App, invitation: &str) -> Result<()> {
    let request = json!({ "invitation": invitation, "password": PASSWORD });
    timed(app, "sync_enrol", request).map(drop)
}

/// A session to its end, or the first one; seconds.
pub fn session(app: &App, method: &str) -> Result<f64> {
    let params = match method {
        "sync_join" => json!({ "merge": [] }),
        _ => json!({}),
    };
    let (ms, _) = timed(app, method, params)?;
    let (_, status) = timed(app, "sync_status", json!({}))?;
    is_done(&status)?;
    Ok(ms / 1_000.0)
}

fn is_done(status: &Json) -> Result<()> {
    ensure!(
        status["pending"] == 0 && status["phase"] == "up_to_date",
        "a session ended before its end: {status}"
    );
    Ok(())
}

/// Until one with a background has nothing more to tell or to hear.
pub fn rests(app: &App) -> Result<()> {
    let until = Instant::now() + PATIENCE;
    loop {
        let (_, status) = timed(app, "sync_status", json!({}))?;
        match is_done(&status) {
            Ok(()) => return Ok(()),
            Err(error) if Instant::now() > until => return Err(error),
            Err(_) => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}

/// How many customers there are, and the ids of the first of them.
pub fn customers(app: &App, ids: u32) -> Result<(u32, Vec<String>)> {
    let request = json!({ "entity": "customer", "columns": ["name"], "limit": 1 });
    let (_, opened) = timed(app, "view_open", request)?;
    let until = Instant::now() + PATIENCE;
    loop {
        let request =
            json!({ "view": opened["view"], "offset": 0, "limit": ids, "columns": ["name"] });
        let (_, window) = timed(app, "view_window", request)?;
        if let Some(count) = window["count"].as_u64() {
            let rows = window["rows"].as_array().map_or(&[][..], Vec::as_slice);
            let ids = rows.iter().filter_map(|row| row["id"].as_str());
            return Ok((u32::try_from(count)?, ids.map(str::to_owned).collect()));
        }
        if Instant::now() > until {
            bail!("the list was not gathered");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

pub fn has_customers(app: &App, wanted: u32) -> Result<()> {
    let (count, _) = customers(app, 1)?;
    ensure!(count == wanted, "{count} customers of {wanted} are there");
    Ok(())
}

pub fn set_phone(app: &App, customer: &str, phone: &str) -> Result<()> {
    let request = json!({ "entity": "customer", "id": customer, "fields": { "phone": phone } });
    timed(app, "update", request).map(drop)
}

pub fn phone(app: &App, customer: &str) -> Result<Json> {
    let request = json!({ "entity": "customer", "id": customer });
    let (_, mut record) = timed(app, "get", request)?;
    Ok(record["fields"]["phone"].take())
}
