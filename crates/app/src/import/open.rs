//! Opening a file: which sheet, where its header is, what its columns are called. Only the first
//! rows are read, so that a large file is looked at as fast as a small one.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use ketu_sheet::write::Value as Written;
use ketu_sheet::{
    Cell, Kind, Reader, Row, SheetError, SheetInfo, Table, Workbook, column_letter, guess_header,
};

use super::mapping::Dictionary;
use crate::error::{AppError, Result};

/// Rows that are read for a first look.
const LOOKED_AT: u32 = 80;
/// Sheets that are looked into for one with data.
const SHEETS: usize = 6;
/// Values of a column that are shown beside its name.
const SAMPLES: usize = 3;
/// Rows that are shown below the header.
const SHOWN: usize = 20;

/// A sheet with its header found.
#[derive(Debug, Clone)]
pub struct Opened {
    pub path: PathBuf,
    pub workbook: Workbook,
    pub sheet: SheetInfo,
    /// First and last row of the header, as numbered in the file.
    pub header: (u32, u32),
    pub names: Vec<String>,
    /// The first rows of the sheet, header included.
    pub first_rows: Table,
}

impl Opened {
    pub fn file_name(&self) -> String {
        self.path
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    }

    /// A sheet's name; formats that have none go by the file's.
    pub fn sheet_name(&self, sheet: &SheetInfo) -> String {
        sheet_name(&self.path, sheet)
    }

    /// The rows below the header, of those read at first.
    fn body(&self) -> impl Iterator<Item = Row<'_>> {
        let header = self.header.1;
        self.first_rows
            .rows()
            .filter(move |row| row.number() > header)
    }

    pub fn preview(&self) -> Vec<Vec<String>> {
        self.body()
            .take(SHOWN)
            .map(|row| displayed(row, self.names.len()))
            .collect()
    }

    pub fn samples(&self, column: usize) -> Vec<String> {
        self.body()
            .map(|row| shown(row, column))
            .filter(|text| !text.is_empty())
            .take(SAMPLES)
            .collect()
    }
}

fn sheet_name(path: &Path, sheet: &SheetInfo) -> String {
    if !sheet.name.is_empty() {
        return sheet.name.clone();
    }
    path.file_stem()
        .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
}

/// A row's cells as people read them.
pub fn displayed(row: Row<'_>, width: usize) -> Vec<String> {
    (0..width).map(|column| shown(row, column)).collect()
}

fn shown(row: Row<'_>, column: usize) -> String {
    match row.cell(column) {
        Cell::FormulaWithoutValue => "=".to_owned(),
        cell => Written::from_cell(cell, row.class(column))
            .to_text()
            .trim()
            .to_owned(),
    }
}

pub fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Xlsx => "xlsx",
        Kind::Xlsb => "xlsb",
        Kind::Ods => "ods",
        Kind::Xls => "xls",
        Kind::Html => "html",
        Kind::SpreadsheetXml => "xml",
        Kind::Csv => "csv",
    }
}

/// Looks into a file: the named sheet, or the first visible one that looks like data. All of it ends by one
/// deadline, and where `cancel` is set.
pub fn open(
    reader: &Reader,
    cancel: &AtomicBool,
    dictionary: &Dictionary,
    path: &Path,
    sheet: Option<&str>,
    header_row: Option<u32>,
) -> Result<Opened> {
    std::fs::metadata(path).map_err(AppError::io("open"))?;
    let opening = reader.open(path, cancel);
    let workbook = opening.inspect()?;
    let known = |name: &str| dictionary.knows(name);
    let candidates: Vec<SheetInfo> = match sheet {
        Some(wanted) => {
            let found = workbook
                .sheets
                .iter()
                .find(|sheet| sheet_name(path, sheet) == wanted || sheet.name == wanted);
            vec![
                found
                    .cloned()
                    .ok_or_else(|| AppError::refused("sheet_not_found").param("sheet", wanted))?,
            ]
        }
        None => {
            let mut sheets: Vec<SheetInfo> = workbook
                .sheets
                .iter()
                .filter(|sheet| sheet.visible)
                .cloned()
                .collect();
            if sheets.is_empty() {
                sheets.clone_from(&workbook.sheets);
            }
            sheets.truncate(SHEETS);
            sheets
        }
    };
    let mut best: Option<(usize, Opened)> = None;
    let mut refused = None;
    for sheet in candidates {
        let rows = match opening.preview(
            sheet.index,
            LOOKED_AT.max(header_row.unwrap_or(0).saturating_add(SHOWN as u32)),
        ) {
            Ok(rows) => rows,
            Err(error @ (SheetError::Cancelled | SheetError::TimedOut { .. })) => {
                return Err(error.into());
            }
            Err(error) => {
                refused.get_or_insert(error);
                continue;
            }
        };
        let guessed = guess_header(&rows, &known);
        let (header, names) = match (header_row, guessed) {
            (None, Some(guess)) => ((guess.first_row, guess.last_row), guess.names),
            (Some(row), Some(guess)) if guess.first_row == row => {
                ((guess.first_row, guess.last_row), guess.names)
            }
            (Some(row), _) => match named_by(&rows, row) {
                Some(names) => ((row, row), names),
                None => return Err(AppError::refused("header_row_empty").param("row", row)),
            },
            (None, None) => match rows.row(0) {
                Some(row) => (
                    (row.number(), row.number()),
                    named_by(&rows, row.number()).unwrap_or_default(),
                ),
                None => continue,
            },
        };
        // Instructions and option lists may stand beside the data: the sheet with most known columns.
        let known_names = names.iter().filter(|name| known(name)).count();
        let has_data = rows.rows().any(|row| row.number() > header.1);
        let opened = Opened {
            path: path.to_owned(),
            workbook: workbook.clone(),
            sheet,
            header,
            names,
            first_rows: rows,
        };
        // One word that happens to be known does not make a table of customers.
        if has_data && known_names > 1 && known_names * 2 >= opened.names.len() {
            return Ok(opened);
        }
        let score = known_names * 2 + usize::from(has_data);
        if best.as_ref().is_none_or(|(most, _)| score > *most) {
            best = Some((score, opened));
        }
    }
    match (best, refused) {
        (Some((_, opened)), _) => Ok(opened),
        (None, Some(error)) => Err(error.into()),
        (None, None) => Err(AppError::refused("empty_sheet")),
    }
}

/// The names in one row that someone pointed at.
fn named_by(table: &Table, number: u32) -> Option<Vec<String>> {
    let row = table.row(table.index_of(number).ok()?)?;
    let mut names: Vec<String> = Vec::with_capacity(table.width());
    for column in 0..table.width() {
        let text = shown(row, column);
        let text = ketu_model::normalise::text::clean(&text).into_owned();
        let name = if text.is_empty() {
            column_letter(column)
        } else {
            text
        };
        let again = names
            .iter()
            .filter(|other| **other == name || other.starts_with(&format!("{name} (")))
            .count();
        names.push(if again == 0 {
            name
        } else {
            format!("{name} ({})", again + 1)
        });
    }
    Some(names)
}
