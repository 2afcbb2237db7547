//! Formats that are only read whole: Excel 5 to 2003 (and WPS `.et`), OpenDocument. The size
//! limit on the file and the memory limit on the process guard them.

use std::fs::File;
use std::io::{BufReader, Seek, SeekFrom};
use std::rc::Rc;

use calamine::{Data, DataRef, Dimensions, Ods, OdsError, Range, Reader, Xls, XlsError};

use super::{Output, neutral, sheet_name, with_cells};
use crate::error::SheetError;
use crate::package::Package;
use crate::serial::DAYS_1904;
use crate::table::{Merge, NumberClass};
use crate::workbook::SheetInfo;

pub(crate) fn xls_sheets(file: &Rc<File>) -> Result<Vec<SheetInfo>, SheetError> {
    Ok(with_cells(open_xls(file)?.sheets_metadata()))
}

pub(crate) fn read_xls(
    file: &Rc<File>,
    sheet: u32,
    out: &mut Output<'_>,
) -> Result<(), SheetError> {
    let mut book = open_xls(file)?;
    let name = sheet_name(book.sheets_metadata(), sheet)?;
    let days = if book.has_1904_epoch() {
        DAYS_1904
    } else {
        0.0
    };
    let range = book
        .worksheet_range(&name)
        .map_err(|error| xls_refusal(&error))?;
    let merges = book.merge_cells_by_sheet_name(&name).unwrap_or_default();
    out.merges = merges.iter().map(merge).collect();
    read_range(&range, days, out)
}

pub(crate) fn ods_sheets(package: &Package) -> Result<Vec<SheetInfo>, SheetError> {
    let book = Ods::new(package.clone()).map_err(|error| ods_refusal(&error))?;
    Ok(with_cells(book.sheets_metadata()))
}

pub(crate) fn read_ods(
    package: &Package,
    sheet: u32,
    out: &mut Output<'_>,
) -> Result<(), SheetError> {
    let mut book = Ods::new(package.clone()).map_err(|error| ods_refusal(&error))?;
    let name = sheet_name(book.sheets_metadata(), sheet)?;
    let range = book
        .worksheet_range(&name)
        .map_err(|error| ods_refusal(&error))?;
    read_range(&range, 0.0, out)
}

fn open_xls(file: &Rc<File>) -> Result<Xls<BufReader<File>>, SheetError> {
    let mut file = file.try_clone()?;
    // The copy shares its place with the original, which has been looked through already.
    file.seek(SeekFrom::Start(0))?;
    Xls::new(BufReader::new(file)).map_err(|error| xls_refusal(&error))
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

fn borrowed(value: &Data) -> DataRef<'_> {
    match value {
        Data::Empty => DataRef::Empty,
        Data::String(text) => DataRef::SharedString(text),
        Data::Int(number) => DataRef::Int(*number),
        Data::Float(number) => DataRef::Float(*number),
        Data::Bool(value) => DataRef::Bool(*value),
        Data::DateTime(at) => DataRef::DateTime(*at),
        Data::DateTimeIso(text) => DataRef::DateTimeIso(text.clone()),
        Data::DurationIso(text) => DataRef::DurationIso(text.clone()),
        Data::Error(error) => DataRef::Error(error.clone()),
    }
}

fn merge(range: &Dimensions) -> Merge {
    Merge {
        first_row: range.start.0.saturating_add(1),
        first_column: range.start.1,
        last_row: range.end.0.saturating_add(1),
        last_column: range.end.1,
    }
}

fn xls_refusal(error: &XlsError) -> SheetError {
    match error {
        XlsError::Password => SheetError::PasswordProtected,
        _ => SheetError::Damaged { row: 0 },
    }
}

fn ods_refusal(error: &OdsError) -> SheetError {
    match error {
        OdsError::Password => SheetError::PasswordProtected,
        _ => SheetError::Damaged { row: 0 },
    }
}
