//! `xlsx-json FILE [SHEET]`: any workbook's rows as JSON, read as an import reads them. Dates are texts in ISO form.
#![allow(clippy::print_stdout, reason = "a command's answer is its output")]

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result};
use clap::Parser;
use ketu_sheet::{Cell, Reader};
use serde_json::{Value as Json, json};

#[derive(Parser)]
#[command(name = "xlsx-json", about = "A workbook's rows as JSON")]
struct Asked {
    file: PathBuf,
    /// The sheet's name; the first visible one where absent
    sheet: Option<String>,
}

fn main() -> ExitCode {
    ketu_app::run_worker_if_asked();
    ketu_tests::ended(act())
}

fn act() -> Result<()> {
    let asked = Asked::parse();
    let reader = Reader::of_this_program()?;
    let workbook = reader.inspect(&asked.file)?;
    let wanted = |name: &str, visible| asked.sheet.as_ref().map_or(visible, |sheet| sheet == name);
    let sheet = workbook
        .sheets
        .iter()
        .find(|sheet| wanted(&sheet.name, sheet.visible));
    let sheet = sheet.context("the workbook has no such sheet")?;
    let table = reader.read(
        &asked.file,
        sheet.index,
        &AtomicBool::new(false),
        &mut |_, _| {},
    )?;
    let rows: Vec<Json> = table
        .rows()
        .map(|row| json!({ "row": row.number(), "cells": row.cells().map(cell).collect::<Vec<_>>() }))
        .collect();
    let names: Vec<&str> = workbook
        .sheets
        .iter()
        .map(|sheet| sheet.name.as_str())
        .collect();
    println!(
        "{}",
        json!({ "kind": workbook.kind, "sheets": names, "sheet": sheet.name, "rows": rows })
    );
    Ok(())
}

fn cell(cell: Cell<'_>) -> Json {
    match cell {
        Cell::Empty => Json::Null,
        Cell::Text(text) => json!(text),
        Cell::Number(number) => json!(number),
        Cell::DateTime(serial) => match cell.datetime() {
            Some(at) if at.time() == chrono::NaiveTime::MIN => json!(at.date().to_string()),
            Some(at) => json!(at.format("%Y-%m-%dT%H:%M:%S").to_string()),
            None => json!(serial),
        },
        Cell::Bool(value) => json!(value),
        Cell::Error(text) => json!({ "error": text }),
        Cell::FormulaWithoutValue => json!({ "error": "formula_without_value" }),
    }
}
