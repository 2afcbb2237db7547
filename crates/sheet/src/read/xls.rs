//! Excel 5 to 2003 and WPS `.et`, which are only read whole. The size limit on the file and the
//! memory limit on the process guard them.

use std::fs::File;
use std::io::{BufReader, Seek, SeekFrom};
use std::rc::Rc;

use calamine::{Data, Dimensions, Range, Reader, Xls, XlsError};

use super::{Output, borrowed, neutral, sheet_name, with_cells};
use crate::cell::{Merge, NumberClass};
use crate::error::SheetError;
use crate::serial::DAYS_1904;
use crate::workbook::SheetInfo;

pub(crate) fn sheets(file: &Rc<File>) -> Result<Vec<SheetInfo>, SheetError> {
    Ok(with_cells(open(file)?.sheets_metadata()))
}

pub(crate) fn read(file: &Rc<File>, sheet: u32, out: &mut Output<'_>) -> Result<(), SheetError> {
    let mut book = open(file)?;
    let name = sheet_name(book.sheets_metadata(), sheet)?;
    let days = if book.has_1904_epoch() {
        DAYS_1904
    } else {
        0.0
    };
    let range = book
        .worksheet_range(&name)
        .map_err(|error| refusal(&error))?;
    let merges = book.merge_cells_by_sheet_name(&name).unwrap_or_default();
    out.merges = merges.iter().map(merge).collect();
    read_range(&range, days, out)
}

fn open(file: &Rc<File>) -> Result<Xls<BufReader<File>>, SheetError> {
    let mut file = file.try_clone()?;
    // The copy shares its place with the original, which has been looked through already.
    file.seek(SeekFrom::Start(0))?;
    Xls::new(BufReader::new(file)).map_err(|error| refusal(&error))
}

fn read_range(range: &Range<Data>, days: f64, out: &mut Output<'_>) -> Result<(), SheetError> {
    let Some((first_row, first_column)) = range.start() else {
        return Ok(());
    };
    let height = range.height().max(1);
    for (index, (row, number)) in range.rows().zip(first_row + 1..).enumerate() {
        if row.iter().all(|value| matches!(value, Data::Empty)) {
            continue;
        }
        out.begin_row(number, false);
        for (value, column) in row.iter().zip(first_column as usize..) {
            let value = borrowed(value);
            let (cell, class) = neutral(&value, days, NumberClass::General);
            out.set(column, cell, class);
        }
        out.thousandths = u16::try_from(index * 1000 / height).unwrap_or(1000);
        if out.end_row()?.is_break() {
            break;
        }
    }
    Ok(())
}

fn merge(range: &Dimensions) -> Merge {
    Merge {
        first_row: range.start.0.saturating_add(1),
        first_column: range.start.1,
        last_row: range.end.0.saturating_add(1),
        last_column: range.end.1,
    }
}

fn refusal(error: &XlsError) -> SheetError {
    match error {
        XlsError::Password => SheetError::PasswordProtected,
        _ => SheetError::Damaged { row: 0 },
    }
}
