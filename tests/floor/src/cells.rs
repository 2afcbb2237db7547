//! A workbook's first sheet as rows, by calamine's streaming reader.

use std::path::Path;

use anyhow::{Context, Result};
use calamine::{Data, DataRef, Reader, Xlsx, open_workbook};

/// Columns that are read.
pub const WIDTH: usize = 12;

pub type Row = [Data; WIDTH];

/// Hands over each row below the header.
pub fn each_row(file: &Path, mut take: impl FnMut(Row) -> Result<()>) -> Result<()> {
    let mut workbook: Xlsx<_> = open_workbook(file)?;
    let sheet = workbook
        .sheet_names()
        .first()
        .cloned()
        .context("a workbook has a sheet")?;
    let mut reader = workbook.worksheet_cells_reader(&sheet)?;
    let mut row = Row::default();
    let mut at = 0;
    while let Some(cell) = reader.next_cell()? {
        let (number, column) = cell.get_position();
        if number != at {
            let full = std::mem::take(&mut row);
            if at > 0 {
                take(full)?;
            }
            at = number;
        }
        if let Some(place) = row.get_mut(column as usize) {
            *place = match cell.get_value() {
                DataRef::SharedString(text) => Data::String((*text).to_owned()),
                other => other.clone().into(),
            };
        }
    }
    if at > 0 {
        take(row)?;
    }
    Ok(())
}
