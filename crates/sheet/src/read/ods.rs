//! OpenDocument, which is only read whole. The size limit on the file and the memory limit on the
//! process guard it. What the reader of ranges does not tell (merged ranges, hidden rows, which
//! texts are errors, which formulas have no result) a second look at the content finds.

use calamine::{Data, Ods, OdsError, Range, Reader};
use quick_xml::events::{BytesStart, Event};

use super::{Output, borrowed, neutral, sheet_name, with_cells};
use crate::cell::{Cell, Merge, NumberClass};
use crate::error::SheetError;
use crate::limits::{MAX_COLUMNS, MAX_ROWS};
use crate::package::Package;
use crate::workbook::SheetInfo;

/// More merged ranges than this are not a table's.
const MAX_MERGES: usize = 100_000;

pub(crate) fn sheets(package: &Package) -> Result<Vec<SheetInfo>, SheetError> {
    let book = Ods::new(package.clone()).map_err(|error| refusal(&error))?;
    Ok(with_cells(book.sheets_metadata()))
}

pub(crate) fn read(package: &Package, sheet: u32, out: &mut Output<'_>) -> Result<(), SheetError> {
    let mut book = Ods::new(package.clone()).map_err(|error| refusal(&error))?;
    let name = sheet_name(book.sheets_metadata(), sheet)?;
    let range = book
        .worksheet_range(&name)
        .map_err(|error| refusal(&error))?;
    drop(book);
    let mut scan = Scan::of(package, sheet)?;
    out.merges = std::mem::take(&mut scan.merges);
    read_range(&range, &scan, out)
}

fn read_range(range: &Range<Data>, scan: &Scan, out: &mut Output<'_>) -> Result<(), SheetError> {
    let Some((first_row, first_column)) = range.start() else {
        return Ok(());
    };
    let height = range.height().max(1);
    for (index, (values, row)) in range.rows().zip(first_row..).enumerate() {
        let marks = scan.marks(row);
        let odd = marks.map_or(&[][..], |marks| &marks.cells);
        if odd.is_empty() && values.iter().all(|value| matches!(value, Data::Empty)) {
            continue;
        }
        out.begin_row(row + 1, marks.is_some_and(|marks| marks.hidden));
        for (value, column) in values.iter().zip(first_column as usize..) {
            let value = borrowed(value);
            let (cell, class) = neutral(&value, 0.0, NumberClass::General);
            let cell = match odd.iter().find(|odd| odd.columns.contains(&column)) {
                Some(odd) if odd.without_value => Cell::FormulaWithoutValue,
                Some(_) => match cell {
                    Cell::Text(text) if !text.is_empty() => Cell::Error(text),
                    _ => Cell::Error("#ERROR!"),
                },
                None => cell,
            };
            out.set(column, cell, class);
        }
        out.thousandths = u16::try_from(index * 1000 / height).unwrap_or(1000);
        if out.end_row()?.is_break() {
            break;
        }
    }
    Ok(())
}

/// What the content says of one sheet besides its values. Rows and columns from 0.
#[derive(Debug, Default)]
struct Scan {
    merges: Vec<Merge>,
    /// In the order of the rows, none twice.
    rows: Vec<Marks>,
    /// The row that comes next.
    row: u32,
    /// The column that comes next.
    column: usize,
    /// How often the row at hand stands in the sheet.
    repeats: u32,
}

#[derive(Debug, Default)]
struct Marks {
    rows: std::ops::Range<u32>,
    hidden: bool,
    cells: Vec<OddCells>,
}

/// Neighbours that are not what the reader of ranges takes them for.
#[derive(Debug)]
struct OddCells {
    columns: std::ops::Range<usize>,
    /// A formula whose result was not stored; an error otherwise.
    without_value: bool,
}

impl Scan {
    fn of(package: &Package, sheet: u32) -> Result<Self, SheetError> {
        let damaged = || SheetError::Damaged { row: 0 };
        let entry = package.index("content.xml").ok_or_else(damaged)?;
        let content = package.entry_reader(entry).map_err(|_| damaged())?;
        let content = std::io::BufReader::new(content);
        let mut xml = quick_xml::Reader::from_reader(content);
        xml.config_mut().check_end_names = false;
        xml.config_mut().expand_empty_elements = true;
        let mut scan = Self::default();
        let (mut met, mut inside) = (0, false);
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            match xml.read_event_into(&mut buffer).map_err(|_| damaged())? {
                Event::Start(tag) => match tag.local_name().as_ref() {
                    "table" if attribute(&tag, "table:name").is_some() => {
                        inside = met == sheet;
                        met += 1;
                    }
                    "table-row" if inside => scan.begin_row(&tag),
                    "table-cell" | "covered-table-cell" if inside => scan.cell(&tag),
                    _ => {}
                },
                Event::End(tag) if inside => match tag.local_name().as_ref() {
                    "table-row" => scan.row = scan.row.saturating_add(scan.repeats),
                    "table" => return Ok(scan),
                    _ => {}
                },
                Event::Eof => return Ok(scan),
                _ => {}
            }
        }
    }

    fn begin_row(&mut self, tag: &BytesStart<'_>) {
        let left = MAX_ROWS.saturating_sub(self.row);
        self.repeats = attribute(tag, "table:number-rows-repeated")
            .map_or(1, |repeats| count(&repeats))
            .min(left);
        self.column = 0;
        if matches!(
            attribute(tag, "table:visibility").as_deref(),
            Some("collapse" | "filter")
        ) {
            self.marks_of_this_row().hidden = true;
        }
    }

    fn cell(&mut self, tag: &BytesStart<'_>) {
        let (mut repeats, mut columns, mut rows) = (1, 1, 1);
        let (mut error, mut formula, mut typed) = (false, false, false);
        for attribute in tag.attributes().with_checks(false).flatten() {
            let value = attribute.value.as_ref();
            match attribute.key.as_ref() {
                "table:number-columns-repeated" => repeats = count(value),
                "table:number-columns-spanned" => columns = count(value),
                "table:number-rows-spanned" => rows = count(value),
                "table:formula" => formula = true,
                "office:value-type" => typed = true,
                "calcext:value-type" => error = value == "error",
                _ => {}
            }
        }
        let first = self.column;
        self.column = first.saturating_add(repeats as usize);
        if (columns, rows) != (1, 1) && self.merges.len() < MAX_MERGES {
            let first_column = u32::try_from(first).unwrap_or(u32::MAX);
            self.merges.push(Merge {
                first_row: self.row + 1,
                first_column,
                last_row: self.row.saturating_add(rows),
                last_column: first_column.saturating_add(columns - 1),
            });
        }
        let without_value = formula && !typed;
        if (error || without_value) && first < MAX_COLUMNS {
            let columns = first..self.column.min(MAX_COLUMNS);
            self.marks_of_this_row().cells.push(OddCells {
                columns,
                without_value: !error,
            });
        }
    }

    fn marks_of_this_row(&mut self) -> &mut Marks {
        let rows = self.row..self.row.saturating_add(self.repeats);
        if self.rows.last().is_none_or(|last| last.rows != rows) {
            self.rows.push(Marks {
                rows,
                ..Marks::default()
            });
        }
        self.rows.last_mut().expect("put there just now")
    }

    fn marks(&self, row: u32) -> Option<&Marks> {
        let at = self.rows.partition_point(|marks| marks.rows.end <= row);
        self.rows.get(at).filter(|marks| marks.rows.contains(&row))
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = tag.try_get_attribute(name).ok()??;
    Some(attribute.value.into_owned())
}

/// A count, which is one where what is said is none.
fn count(text: &str) -> u32 {
    text.trim().parse().unwrap_or(1).max(1)
}

fn refusal(error: &OdsError) -> SheetError {
    match error {
        OdsError::Password => SheetError::PasswordProtected,
        _ => SheetError::Damaged { row: 0 },
    }
}
