//! The export floor: rows held in memory, written by rust_xlsxwriter in constant memory with real dates and numbers.

use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use calamine::Data;
use rust_xlsxwriter::{Format, Workbook};

use crate::cells::{Row, WIDTH, each_row};

pub fn run(from: &Path, to: &Path) -> Result<f64> {
    let mut rows: Vec<Row> = Vec::new();
    each_row(from, |row| {
        rows.push(row);
        Ok(())
    })?;
    let began = Instant::now();
    let mut workbook = Workbook::new();
    if let Some(folder) = to.parent() {
        workbook.set_tempdir(folder)?;
    }
    let (header, date, amount) = (
        Format::new().set_bold(),
        Format::new().set_num_format("yyyy-mm-dd"),
        Format::new().set_num_format("#,##0.00"),
    );
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    for column in (0_u16..).take(WIDTH) {
        sheet.write_string_with_format(0, column, format!("column {column}"), &header)?;
    }
    for (number, row) in (1_u32..).zip(&rows) {
        for (column, cell) in (0_u16..).zip(row) {
            match cell {
                Data::String(text) => {
                    sheet.write_string(number, column, text)?;
                }
                Data::Float(value) => {
                    sheet.write_number_with_format(number, column, *value, &amount)?;
                }
                Data::DateTime(moment) => {
                    sheet.write_number_with_format(number, column, moment.as_f64(), &date)?;
                }
                _ => {}
            }
        }
    }
    workbook.save(to)?;
    Ok(began.elapsed().as_secs_f64())
}
