//! Binary Excel workbooks, cell by cell like xlsx.

use calamine::{DataRef, Reader, Xlsb, XlsbError};

use super::{Output, SMALL_SHEET, neutral, sheet_name, with_cells};
use crate::cell::{Cell, NumberClass};
use crate::error::SheetError;
use crate::package::Package;
use crate::serial::DAYS_1904;
use crate::workbook::SheetInfo;

pub(crate) fn sheets(package: &Package) -> Result<Vec<SheetInfo>, SheetError> {
    let book = Xlsb::new(package.clone()).map_err(|error| refusal(&error))?;
    Ok(with_cells(book.sheets_metadata()))
}

pub(crate) fn read(
    package: &Package,
    sheet: u32,
    preview: bool,
    out: &mut Output<'_>,
) -> Result<(), SheetError> {
    let mut book = Xlsb::new(package.clone()).map_err(|error| refusal(&error))?;
    let name = sheet_name(book.sheets_metadata(), sheet)?;
    let days = if book.has_1904_epoch() {
        DAYS_1904
    } else {
        0.0
    };
    package.watch_next_records();
    let mut cells = book
        .worksheet_cells_reader(&name)
        .map_err(|error| refusal(&error))?;
    let mut rows = Rows {
        package,
        out,
        row: None,
        wanted: true,
    };
    while rows.wanted
        && let Some(cell) = cells.next_cell().map_err(|error| refusal(&error))?
    {
        let (row, column) = cell.get_position();
        rows.put_errors_before(row, column)?;
        if !matches!(cell.get_value(), DataRef::Empty) {
            let (value, class) = neutral(cell.get_value(), days, NumberClass::General);
            rows.put(row, column, value, class)?;
        }
    }
    drop(cells);
    rows.put_errors_before(u32::MAX, u32::MAX)?;
    rows.finish()?;
    if !preview || package.watched_size() <= SMALL_SHEET {
        // Behind the last cell nothing is needed badly enough to refuse the file for it.
        let _ = package.scan_rest();
        out.merges = package.with_records(|scan| std::mem::take(&mut scan.merges));
    }
    Ok(())
}

/// Puts cells that come in order into rows.
struct Rows<'a, 'b> {
    package: &'a Package,
    out: &'a mut Output<'b>,
    row: Option<u32>,
    /// More rows are wanted.
    wanted: bool,
}

impl Rows<'_, '_> {
    fn put(
        &mut self,
        row: u32,
        column: u32,
        cell: Cell<'_>,
        class: NumberClass,
    ) -> Result<(), SheetError> {
        if self.row != Some(row) {
            self.finish()?;
            if !self.wanted {
                return Ok(());
            }
            self.row = Some(row);
            let hidden = self.package.with_records(|scan| scan.is_hidden(row));
            self.out.begin_row(row.saturating_add(1), hidden);
        }
        self.out.set(column as usize, cell, class);
        Ok(())
    }

    /// The cell reader passes over formulas that came to an error.
    fn put_errors_before(&mut self, row: u32, column: u32) -> Result<(), SheetError> {
        while self.wanted
            && let Some(error) = self
                .package
                .with_records(|scan| scan.error_before(row, column))
        {
            let cell = Cell::Error(error.text);
            self.put(error.row, error.column, cell, NumberClass::General)?;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), SheetError> {
        if self.row.take().is_some() {
            self.out.thousandths = self.package.thousandths();
            self.wanted = self.out.end_row()?.is_continue();
        }
        Ok(())
    }
}

fn refusal(error: &XlsbError) -> SheetError {
    match error {
        XlsbError::Password => SheetError::PasswordProtected,
        _ => SheetError::Damaged { row: 0 },
    }
}
