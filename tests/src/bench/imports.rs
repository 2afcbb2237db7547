//! Import: the raw floor, the straight-line reference and Ketu, in turn, each as a process of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::report::{Report, Sample};
use super::watch::{Watched, watch};
use super::{Wish, data};
use crate::ketu::{Ketu, built};
use crate::kill::copy_folder;

/// Where the reference has to lie above the raw floor, so that nobody wins by a slow reference.
const HONEST: std::ops::RangeInclusive<f64> = 2.3..=3.3;
const IMPORT: f64 = 2.0;
const MEGABYTES: f64 = 250.0;

pub fn measure(wish: &Wish, folder: &Path, report: &mut Report) -> Result<()> {
    let file = folder.join(format!("customers-{}-v{}.xlsx", wish.rows(), data::VERSION));
    if !file.exists() {
        data::write(&file, wish.rows())?;
    }
    let scratch = tempfile::Builder::new()
        .prefix("import-")
        .tempdir_in(folder)?;
    let template = Template::new(&scratch.path().join("template"))?;
    let (mut raw, mut reference, mut ketu, mut megabytes) = (
        Sample::default(),
        Sample::default(),
        Sample::default(),
        Sample::default(),
    );
    let mut reference_megabytes = Sample::default();
    for run in 0..wish.runs {
        raw.add(
            floor(&[
                "raw",
                &text(&file)?,
                &text(&scratch.path().join(format!("raw-{run}.db")))?,
            ])?
            .seconds,
        );
        let key = format!("x'{}'", "5a".repeat(32));
        let database = scratch.path().join(format!("reference-{run}.db"));
        let did = floor(&["reference", &text(&file)?, &text(&database)?, &key])?;
        ensure!(
            did.answer["added"] == wish.rows(),
            "the reference added {}",
            did.answer
        );
        reference.add(did.seconds);
        reference_megabytes.add(did.megabytes.unwrap_or(f64::NAN));
        let did = template.import(&scratch.path().join(format!("ketu-{run}")), &file)?;
        ensure!(
            did.answer["created"] == wish.rows() && did.answer["failed"] == 0,
            "Ketu imported {}",
            did.answer
        );
        ketu.add(did.seconds);
        megabytes.add(did.megabytes.unwrap_or(f64::NAN));
        // Files of runs past are not needed, and the disk may be small.
        for old in [format!("raw-{run}.db"), format!("reference-{run}.db")] {
            std::fs::remove_file(scratch.path().join(old))?;
        }
        std::fs::remove_dir_all(scratch.path().join(format!("ketu-{run}")))?;
    }
    report.say("import");
    report.note("raw floor: cells read, one bare table", &raw, "s");
    report.note("straight-line reference", &reference, "s");
    report.note("  its peak memory", &reference_megabytes, "MB");
    report.limit(
        "reference / raw floor",
        reference.median() / raw.median(),
        "",
        "x",
        &HONEST,
    );
    report.note("Ketu: customers, contacts, log, rights", &ketu, "s");
    report.limit(
        "Ketu / reference",
        ketu.median() / reference.median(),
        "",
        "x",
        &(0.0..=IMPORT),
    );
    report.limit_median(
        "Ketu's peak memory, reading worker included",
        &megabytes,
        "MB",
        MEGABYTES,
    );
    Ok(())
}

fn floor(args: &[&str]) -> Result<Watched> {
    watch(Command::new(built("ketu-floor")?).args(args))
}

fn text(path: &Path) -> Result<String> {
    Ok(path
        .to_str()
        .context("the target folder's name is text")?
        .to_owned())
}

/// A new data file that knows the workbook's date column, copied for each run.
struct Template {
    folder: PathBuf,
    date_field: String,
}

impl Template {
    fn new(folder: &Path) -> Result<Self> {
        let ketu = Ketu::on(folder)?;
        ketu.set_up()?;
        let field = r#"{"entity":"customer","name":"日期","type":"date"}"#;
        let saved = ketu.ask(&["add", "field_definition", field])?;
        Ok(Self {
            folder: folder.to_owned(),
            date_field: saved["id"]
                .as_str()
                .context("a record has an id")?
                .to_owned(),
        })
    }

    fn import(&self, data: &Path, file: &Path) -> Result<Watched> {
        copy_folder(&self.folder, data)?;
        let mut command = Ketu::on(data)?.command(&[
            "import",
            &text(file)?,
            "--map",
            &format!("日期={}", self.date_field),
        ]);
        watch(command.stderr(std::process::Stdio::inherit()))
    }
}
