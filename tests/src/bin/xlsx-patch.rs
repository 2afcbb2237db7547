//! `xlsx-patch FROM TO EDITS`: a workbook's first visible sheet with some cells changed, as a person would do in a
//! spreadsheet program. EDITS is JSON: `[{"row": 2, "column": "手机号码", "text": "13800138000"}, …]`, rows counted
//! from 1, columns named by the header in the first row.
#![allow(clippy::print_stdout, reason = "a command's answer is its output")]

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use ketu_sheet::write::{Column, SheetPlan, Value, XlsxFile};
use ketu_sheet::{Cell, Reader};
use serde::Deserialize;

#[derive(Parser)]
#[command(name = "xlsx-patch", about = "A workbook with some cells changed")]
struct Asked {
    from: PathBuf,
    to: PathBuf,
    /// The changes, as JSON
    edits: String,
}

#[derive(Deserialize)]
struct Edit {
    row: u32,
    column: String,
    text: String,
}

fn main() -> Result<()> {
    ketu_app::run_worker_if_asked();
    let asked = Asked::parse();
    let edits: Vec<Edit> = serde_json::from_str(&asked.edits)?;
    let reader = Reader::of_this_program()?;
    let workbook = reader.inspect(&asked.from)?;
    let sheet = workbook
        .sheets
        .iter()
        .find(|sheet| sheet.visible)
        .context("no sheet")?;
    let table = reader.read(
        &asked.from,
        sheet.index,
        &AtomicBool::new(false),
        &mut |_, _| {},
    )?;
    let header = table.row(0).context("the sheet is empty")?;
    let names: Vec<&str> = header
        .cells()
        .map(|cell| {
            if let Cell::Text(text) = cell {
                text
            } else {
                ""
            }
        })
        .collect();
    let mut texts: HashMap<(u32, usize), &str> = HashMap::new();
    for edit in &edits {
        let at = names.iter().position(|name| *name == edit.column);
        let at = at.with_context(|| format!("no column {}", edit.column))?;
        ensure!(table.index_of(edit.row).is_ok(), "no row {}", edit.row);
        texts.insert((edit.row, at), &edit.text);
    }
    let mut file = XlsxFile::create(&asked.to)?;
    file.add_sheet(SheetPlan {
        name: sheet.name.clone(),
        columns: names.iter().map(|name| Column::new(*name).text()).collect(),
        title: None,
        expected_rows: table.len(),
    })?;
    for row in table.rows().skip(1) {
        let values: Vec<Value<'_>> = (0..names.len())
            .map(|at| match texts.get(&(row.number(), at)) {
                Some(text) => Value::Text(text),
                None => Value::from_cell(row.cell(at), row.class(at)),
            })
            .collect();
        file.row(&values)?;
    }
    file.finish()?;
    println!("{} cells changed", texts.len());
    Ok(())
}
