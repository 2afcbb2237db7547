//! Binary Excel workbooks, cell by cell like xlsx.

use calamine::{DataRef, Reader, Xlsb, XlsbError};

use super::{Output, neutral, sheet_name, with_cells};
use crate::error::SheetError;
use crate::package::Package;
use crate::serial::DAYS_1904;
use crate::table::NumberClass;
use crate::workbook::SheetInfo;

pub(crate) fn sheets(package: &Package) -> Result<Vec<SheetInfo>, SheetError> {
    let book = Xlsb::new(package.clone()).map_err(|error| refusal(&error))?;
    Ok(with_cells(book.sheets_metadata()))
}

pub(crate) fn read(package: &Package, sheet: u32, out: &mut Output<'_>) -> Result<(), SheetError> {
    let mut book = Xlsb::new(package.clone()).map_err(|error| refusal(&error))?;
    let name = sheet_name(book.sheets_metadata(), sheet)?;
    let days = if book.has_1904_epoch() {
        DAYS_1904
    } else {
        0.0
    };
    package.watch_next();
    let mut cells = book
        .worksheet_cells_reader(&name)
        .map_err(|error| refusal(&error))?;
    let mut row = None;
    while let Some(cell) = cells.next_cell().map_err(|error| refusal(&error))? {
        let (at, column) = cell.get_position();
        if matches!(cell.get_value(), DataRef::Empty) {
            continue;
        }
        if row != Some(at) {
            if row.is_some() {
                out.thousandths = package.thousandths();
                if out.end_row()?.is_break() {
                    row = None;
                    break;
                }
            }
            row = Some(at);
            out.begin_row(at.saturating_add(1), false);
        }
        let (value, class) = neutral(cell.get_value(), days, NumberClass::General);
        out.set(column as usize, value, class);
    }
    if row.is_some() {
        let _ = out.end_row()?;
    }
    Ok(())
}

fn refusal(error: &XlsbError) -> SheetError {
    match error {
        XlsbError::Password => SheetError::PasswordProtected,
        _ => SheetError::Damaged { row: 0 },
    }
}
