//! From an opened file to rows, each format in its own file. Runs in the reading process: what
//! goes wrong here, aborts included, harms no one else.

mod delimited;
mod html;
mod ods;
mod spreadsheet_xml;
mod xls;
mod xlsb;
mod xlsx;

use std::ops::ControlFlow;

use calamine::{Data, DataRef, ExcelDateTime, Sheet, SheetType, SheetVisible};

use crate::cell::{Cell, Merge, NumberClass};
use crate::error::SheetError;
use crate::kind::Opened;
use crate::limits::MAX_ROWS;
use crate::serial;
use crate::table::{LeftOut, Row, Table};
use crate::wire::End;
use crate::workbook::{SheetInfo, Workbook};

/// Rows in one batch, so that the parent works while the next are read.
const BATCH_ROWS: usize = 1_000;
/// Text in one batch.
const BATCH_TEXT: usize = 1024 * 1024;

/// A preview still looks for merged ranges behind the cells of a sheet this small.
const SMALL_SHEET: u64 = 8 * 1024 * 1024;

/// Takes a batch of rows and how far the sheet has been read, in thousandths.
pub(crate) type Deliver<'a> = dyn FnMut(&Table, u16) -> Result<(), SheetError> + 'a;

/// Kind, encoding and sheets of a file.
pub(crate) fn list_sheets(file: &mut Opened) -> Result<Workbook, SheetError> {
    let kind = file.kind();
    let (sheets, encoding) = match file {
        Opened::Package(_, package) => match kind {
            crate::workbook::Kind::Xlsx => (xlsx::sheets(package)?, None),
            crate::workbook::Kind::Xlsb => (xlsb::sheets(package)?, None),
            _ => (ods::sheets(package)?, None),
        },
        Opened::Xls(file) => (xls::sheets(file)?, None),
        Opened::Text(_, text) => {
            let sheets = match kind {
                crate::workbook::Kind::SpreadsheetXml => spreadsheet_xml::sheets(text)?,
                _ => vec![SheetInfo {
                    index: 0,
                    name: String::new(),
                    visible: true,
                }],
            };
            (sheets, Some(text.encoding.name().to_owned()))
        }
    };
    if sheets.is_empty() {
        return Err(SheetError::Damaged { row: 0 });
    }
    Ok(Workbook {
        kind,
        encoding,
        sheets,
    })
}

/// Reads the rows of one sheet: all, or the first `rows` that hold something.
pub(crate) fn read_sheet(
    file: &mut Opened,
    sheet: u32,
    rows: Option<u32>,
    deliver: &mut Deliver<'_>,
) -> Result<End, SheetError> {
    let kind = file.kind();
    let mut out = Output {
        table: Table::default(),
        merges: Vec::new(),
        left: rows,
        row: 0,
        thousandths: 0,
        left_out: LeftOut::default(),
        replaced: 0,
        cut: false,
        deliver,
    };
    let read = match file {
        Opened::Package(_, package) => match kind {
            crate::workbook::Kind::Xlsx => xlsx::read(package, sheet, rows, &mut out),
            crate::workbook::Kind::Xlsb => xlsb::read(package, sheet, rows.is_some(), &mut out),
            _ => ods::read(package, sheet, &mut out),
        },
        Opened::Xls(file) => xls::read(file, sheet, &mut out),
        Opened::Text(_, text) => match kind {
            crate::workbook::Kind::SpreadsheetXml => spreadsheet_xml::read(text, sheet, &mut out),
            crate::workbook::Kind::Html if sheet == 0 => html::read(text, &mut out),
            crate::workbook::Kind::Csv if sheet == 0 => delimited::read(text, &mut out),
            _ => Err(SheetError::SheetNotFound { sheet }),
        },
    };
    match read {
        Err(SheetError::Damaged { .. }) => return Err(SheetError::Damaged { row: out.row }),
        read => read?,
    }
    out.flush()?;
    Ok(End {
        merges: out.merges,
        left_out: out.left_out,
        replaced: out.replaced,
        complete: !out.cut,
    })
}

/// Where a reader puts its rows.
pub(crate) struct Output<'a> {
    table: Table,
    pub(crate) merges: Vec<Merge>,
    /// Rows that are still wanted.
    left: Option<u32>,
    /// The last row kept.
    row: u32,
    pub(crate) thousandths: u16,
    left_out: LeftOut,
    /// Places where bytes of a text were no characters.
    pub(crate) replaced: u64,
    cut: bool,
    deliver: &'a mut Deliver<'a>,
}

impl Output<'_> {
    /// Starts a row of the file, counted from 1.
    pub(crate) fn begin_row(&mut self, number: u32, hidden: bool) {
        self.table.begin_row(number, hidden);
    }

    pub(crate) fn set(&mut self, column: usize, cell: Cell<'_>, class: NumberClass) {
        self.table.set(column, cell, class);
    }

    /// Ends the row; `Break` where no more rows are wanted.
    pub(crate) fn end_row(&mut self) -> Result<ControlFlow<()>, SheetError> {
        let Some(number) = self.table.rows.last().map(|row| row.number) else {
            return Ok(ControlFlow::Continue(()));
        };
        if !self.table.end_row() {
            return Ok(ControlFlow::Continue(()));
        }
        if self.left == Some(0) {
            self.table.drop_row();
            self.cut = true;
            return Ok(ControlFlow::Break(()));
        }
        if number > MAX_ROWS {
            self.leave_out();
            return Ok(ControlFlow::Continue(()));
        }
        self.row = number;
        if let Some(left) = &mut self.left {
            *left -= 1;
        }
        if self.table.len() >= BATCH_ROWS || self.table.text.len() >= BATCH_TEXT {
            self.flush()?;
        }
        Ok(ControlFlow::Continue(()))
    }

    /// The last row lies below what a table keeps. It is counted, so that people can be told.
    fn leave_out(&mut self) {
        let rows = &self.table;
        let cells = rows.rows().next_back().map_or(0, Row::filled);
        self.left_out.add(LeftOut {
            rows: 1,
            columns: 0,
            cells: cells as u64,
        });
        self.table.drop_row();
        self.cut = true;
    }

    /// Forgets everything read so far; only before the first batch is full.
    fn restart(&mut self, rows: u32) {
        self.table = Table::default();
        self.left = Some(rows);
        self.row = 0;
        self.left_out = LeftOut::default();
        self.cut = false;
    }

    fn flush(&mut self) -> Result<(), SheetError> {
        self.left_out.add(self.table.left_out);
        if !self.table.is_empty() {
            (self.deliver)(&self.table, self.thousandths)?;
        }
        self.table.clear();
        Ok(())
    }
}

/// A value of a range as the cell readers give it.
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

/// The sheets with cells among all sheets of a workbook.
fn with_cells(sheets: &[Sheet]) -> Vec<SheetInfo> {
    sheets
        .iter()
        .zip(0..)
        .filter(|(sheet, _)| sheet.typ == SheetType::WorkSheet)
        .map(|(sheet, index)| SheetInfo {
            index,
            name: sheet.name.clone(),
            visible: sheet.visible == SheetVisible::Visible,
        })
        .collect()
}

fn sheet_name(sheets: &[Sheet], index: u32) -> Result<String, SheetError> {
    sheets
        .get(index as usize)
        .map(|sheet| sheet.name.clone())
        .ok_or(SheetError::SheetNotFound { sheet: index })
}

/// A value of the cell reader as a cell of ours.
fn neutral<'a>(value: &'a DataRef<'_>, days: f64, class: NumberClass) -> (Cell<'a>, NumberClass) {
    match value {
        DataRef::Empty => (Cell::Empty, class),
        DataRef::String(text) => (Cell::Text(text), class),
        DataRef::SharedString(text) => (Cell::Text(text), class),
        DataRef::Int(number) => {
            #[allow(clippy::cast_precision_loss)]
            let number = *number as f64;
            (Cell::Number(number), class)
        }
        DataRef::Float(number) => (Cell::Number(*number), class),
        DataRef::Bool(value) => (Cell::Bool(*value), class),
        DataRef::Error(error) => (Cell::Error(error_text(error)), class),
        DataRef::DateTime(at) => moment(at, days, class),
        DataRef::DateTimeIso(text) => match serial::iso_to_serial(text) {
            Some(serial) if serial < 1.0 => (Cell::DateTime(serial), NumberClass::Time),
            Some(serial) => (Cell::DateTime(serial), NumberClass::Date),
            None => (Cell::Text(text), class),
        },
        DataRef::DurationIso(text) => match serial::iso_duration_to_serial(text) {
            Some(serial) => (Cell::DateTime(serial), NumberClass::Duration),
            None => (Cell::Text(text), class),
        },
    }
}

fn moment(at: &ExcelDateTime, days: f64, class: NumberClass) -> (Cell<'static>, NumberClass) {
    let value = at.as_f64();
    if at.is_duration() {
        return (Cell::DateTime(value), NumberClass::Duration);
    }
    match class {
        NumberClass::Time => (Cell::DateTime(value), class),
        _ if (0.0..1.0).contains(&value) => (Cell::DateTime(value), NumberClass::Time),
        _ => (Cell::DateTime(value + days), NumberClass::Date),
    }
}

fn error_text(error: &calamine::CellErrorType) -> &'static str {
    use calamine::CellErrorType as E;
    match error {
        E::Div0 => "#DIV/0!",
        E::NA => "#N/A",
        E::Name => "#NAME?",
        E::Null => "#NULL!",
        E::Num => "#NUM!",
        E::Ref => "#REF!",
        E::Value => "#VALUE!",
        _ => "#ERROR!",
    }
}
