//! The files of strangers: every spreadsheet of a folder goes through `ketu import` into a throw-away data file, and
//! is imported or refused with a reason. A panic, a death, a hang or a silent refusal is a fault.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::Value as Json;

use crate::ketu::{Ended, Ketu};

/// A file that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(10);

/// Endings of names that people would drop on the window. What a file is, Ketu tells by its content.
const ENDINGS: [&str; 12] = [
    "xlsx", "xlsm", "xltx", "xls", "xlt", "xlsb", "ods", "et", "csv", "tsv", "htm", "html",
];
/// Spreadsheets too, but so are many other things: imported when the corpus has them.
const MAYBE: [&str; 2] = ["xml", "txt"];

#[derive(Debug, Default)]
pub struct Tally {
    pub files: u32,
    /// Rows came in, or every row was refused with a reason.
    pub imported: u32,
    /// Files that only went in once the column of names was said by hand.
    pub mapped: u32,
    /// Files by the code of their refusal.
    pub refused: BTreeMap<String, u32>,
    /// Of the imported files: those of which no row was of use, by the first row's code.
    pub without_use: BTreeMap<String, u32>,
    pub rows: u64,
    pub created: u64,
    pub failed_rows: u64,
    /// Outcomes by the ending of the file's name: imported, refused.
    pub by_ending: BTreeMap<String, (u32, u32)>,
    pub slowest: (Duration, PathBuf),
    pub faults: Vec<String>,
}

/// Imports every spreadsheet below a folder.
pub fn run(folder: &Path, mut said: impl FnMut(&Path, &str)) -> Result<Tally> {
    let mut files = Vec::new();
    list(folder, &mut files)?;
    files.sort();
    ensure!(!files.is_empty(), "no spreadsheet in {}", folder.display());
    let scratch = tempfile::tempdir()?;
    let ketu = Ketu::on(scratch.path().join("data"))?;
    ketu.set_up()?;
    let mut tally = Tally::default();
    for file in files {
        let (ended, mapped) = import(&ketu, &file)?;
        tally.mapped += u32::from(mapped);
        let outcome = tally.take(&file, &ended);
        said(file.strip_prefix(folder).unwrap_or(&file), &outcome);
    }
    // What strangers' files left behind is whole.
    if let Err(error) = ketu.ask(&["doctor"]) {
        tally
            .faults
            .push(format!("the data file afterwards: {error:#}"));
    }
    Ok(tally)
}

/// Imports a file as it is. Most files of strangers are about other things than customers: then as a person would who
/// wants it in all the same, by saying which column is the name.
fn import(ketu: &Ketu, file: &Path) -> Result<(Ended, bool)> {
    let import = [OsStr::new("import"), file.as_os_str()];
    let first = ketu.run_within(&import, PATIENCE)?;
    if refused_with(&first, "customer_not_mapped") {
        for column in ["A=name", "B=name", "C=name", "D=name"] {
            let by_hand = [
                import[0],
                import[1],
                OsStr::new("--map"),
                OsStr::new(column),
            ];
            let ended = ketu.run_within(&by_hand, PATIENCE)?;
            if !refused_with(&ended, "unknown_column") {
                return Ok((ended, true));
            }
        }
    }
    Ok((first, false))
}

fn refused_with(ended: &Ended, code: &str) -> bool {
    ended.output.status.code() == Some(1)
        && serde_json::from_slice::<Json>(&ended.output.stderr)
            .is_ok_and(|refusal| refusal["code"] == code)
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list(&path, files)?;
        } else if let Some(ending) = ending(&path)
            && (ENDINGS.contains(&ending.as_str()) || MAYBE.contains(&ending.as_str()))
        {
            files.push(path);
        }
    }
    Ok(())
}

fn ending(path: &Path) -> Option<String> {
    Some(path.extension()?.to_string_lossy().to_lowercase())
}

impl Tally {
    /// Adds what became of a file and says it in a word.
    fn take(&mut self, file: &Path, ended: &Ended) -> String {
        self.files += 1;
        if ended.took > self.slowest.0 {
            self.slowest = (ended.took, file.to_owned());
        }
        let judged = judge(ended);
        let (imported, refused) = self
            .by_ending
            .entry(ending(file).unwrap_or_default())
            .or_default();
        match judged {
            Ok(Outcome::Imported(answer)) => {
                *imported += 1;
                self.imported += 1;
                let count = |key: &str| answer[key].as_u64().unwrap_or_default();
                self.rows += count("rows");
                self.created += count("created");
                self.failed_rows += count("failed");
                if count("created") + count("updated") + count("skipped") == 0 {
                    let code = answer["errors"][0]["code"].as_str().unwrap_or("no_rows");
                    *self.without_use.entry(code.to_owned()).or_default() += 1;
                }
                format!(
                    "{} rows, {} created, {} failed",
                    count("rows"),
                    count("created"),
                    count("failed")
                )
            }
            Ok(Outcome::Refused(code)) => {
                *refused += 1;
                let said = format!("refused: {code}");
                *self.refused.entry(code).or_default() += 1;
                said
            }
            Err(fault) => {
                let said = format!("FAULT: {fault}");
                self.faults.push(format!("{}: {fault}", file.display()));
                said
            }
        }
    }
}

enum Outcome {
    Imported(Json),
    Refused(String),
}

fn judge(ended: &Ended) -> Result<Outcome, String> {
    if ended.hung {
        return Err(format!("no answer in {} s", PATIENCE.as_secs()));
    }
    let json = |bytes: &[u8]| serde_json::from_slice::<Json>(bytes).ok();
    let complaint = || {
        String::from_utf8_lossy(&ended.output.stderr)
            .trim()
            .chars()
            .take(400)
            .collect::<String>()
    };
    match ended.output.status.code() {
        Some(0) => {
            let answer = json(&ended.output.stdout).ok_or("an answer that is no JSON")?;
            let count = |key: &str| {
                answer[key]
                    .as_u64()
                    .ok_or(format!("an answer without {key}"))
            };
            let sum = count("created")? + count("updated")? + count("skipped")? + count("failed")?;
            if sum != count("rows")? {
                return Err(format!(
                    "created + updated + skipped + failed is not rows: {answer}"
                ));
            }
            Ok(Outcome::Imported(answer))
        }
        Some(1) => match json(&ended.output.stderr)
            .and_then(|refusal| Some(refusal["code"].as_str()?.to_owned()))
        {
            // These tell of a fault of ours and not of the file.
            Some(code)
                if matches!(
                    code.as_str(),
                    "internal" | "database" | "damaged" | "sheet_worker_died"
                ) =>
            {
                Err(code)
            }
            Some(code) => Ok(Outcome::Refused(code)),
            None => Err(format!("a refusal without a code: {}", complaint())),
        },
        Some(code) => Err(format!("exit code {code}: {}", complaint())),
        None => Err("the program died".to_owned()),
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let refused: u32 = self.refused.values().sum();
        writeln!(
            f,
            "{} files: {} imported, {refused} refused with a reason, {} faults",
            self.files,
            self.imported,
            self.faults.len()
        )?;
        writeln!(
            f,
            "{} of them with the column of names said by hand",
            self.mapped
        )?;
        writeln!(
            f,
            "{} rows: {} created, {} failed with a reason",
            self.rows, self.created, self.failed_rows
        )?;
        for (ending, (imported, refused)) in &self.by_ending {
            writeln!(f, "  .{ending}: {imported} imported, {refused} refused")?;
        }
        for (code, files) in &self.refused {
            writeln!(f, "  refused, {code}: {files}")?;
        }
        for (code, files) in &self.without_use {
            writeln!(f, "  imported, but every row failed, {code}: {files}")?;
        }
        let (took, path) = &self.slowest;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        write!(f, "slowest: {:.2} s, {name}", took.as_secs_f64())?;
        for fault in &self.faults {
            write!(f, "\nFAULT {fault}")?;
        }
        Ok(())
    }
}

/// Writes files with the oddities of real ones into a folder, whole and broken, in all formats that can be made here.
pub fn generate(folder: &Path, seed: u64) -> Result<u32> {
    odd::write_all(folder, seed)
}

mod odd;
