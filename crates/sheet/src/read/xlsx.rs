//! Excel workbooks of 2007 and later. Cells come from the streaming cell reader only: asking
//! for a whole range lets one stray cell in the last corner request half a terabyte.

use std::io::{BufReader, Read};

use calamine::{DataRef, Reader, Xlsx, XlsxError};
use quick_xml::events::Event;

use super::{Output, SMALL_SHEET, neutral, sheet_name, with_cells};
use crate::cell::{Cell, NumberClass};
use crate::error::SheetError;
use crate::number_format::classify;
use crate::package::Package;
use crate::serial::DAYS_1904;
use crate::workbook::SheetInfo;

/// Shared strings smaller than this are read whole even for a preview.
const SMALL: u64 = 1024 * 1024;
/// Rows up to which a preview is worth a look ahead.
const PREVIEW: u32 = 500;

const NO_STRINGS: &str =
    r#"<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"></sst>"#;

pub(crate) fn sheets(package: &Package) -> Result<Vec<SheetInfo>, SheetError> {
    let package = match strings_entry(package) {
        Some(entry) => package.with_replaced(entry, NO_STRINGS.into()),
        None => package.clone(),
    };
    let book = Xlsx::new(package).map_err(|error| refusal(&error))?;
    Ok(with_cells(book.sheets_metadata()))
}

pub(crate) fn read(
    package: &Package,
    sheet: u32,
    rows: Option<u32>,
    out: &mut Output<'_>,
) -> Result<(), SheetError> {
    if let Some(rows) = rows.filter(|&rows| rows <= PREVIEW) {
        let short = with_first_strings(package, sheet, rows)?;
        match read_cells(&short, sheet, true, out) {
            // The rows reached for a string further back than expected.
            Err(SheetError::Damaged { .. }) => out.restart(rows),
            read => return read,
        }
    }
    read_cells(package, sheet, rows.is_some(), out)
}

fn read_cells(
    package: &Package,
    sheet: u32,
    preview: bool,
    out: &mut Output<'_>,
) -> Result<(), SheetError> {
    let mut book = Xlsx::new(package.clone()).map_err(|error| refusal(&error))?;
    let name = sheet_name(book.sheets_metadata(), sheet)?;
    let days = if book.has_1904_epoch() {
        DAYS_1904
    } else {
        0.0
    };
    package.watch_next();
    let mut cells = match book.worksheet_cells_reader(&name) {
        Ok(cells) => cells,
        // A chart has no cells to read.
        Err(XlsxError::NotAWorksheet(_)) => return Ok(()),
        Err(error) => return Err(refusal(&error)),
    };
    let classes: Vec<NumberClass> = cells
        .styles()
        .iter()
        .map(|style| {
            style
                .number_format
                .as_ref()
                .map_or(NumberClass::General, |format| classify(&format.format_code))
        })
        .collect();
    let mut row = None;
    let mut met = 0u64;
    while let Some((cell, style)) = cells
        .next_cell_with_style_id()
        .map_err(|error| refusal(&error))?
    {
        met += 1;
        let (at, column) = cell.get_position();
        let value = cell.get_value();
        let without_value =
            matches!(value, DataRef::Empty) && package.with_scan(|scan| scan.has_formula(met));
        if matches!(value, DataRef::Empty) && !without_value {
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
            let number = at.saturating_add(1);
            out.begin_row(
                number,
                package.with_scan(|scan| {
                    scan.forget_formulas_before(met);
                    scan.is_hidden(number)
                }),
            );
        }
        let class = classes.get(style).copied().unwrap_or_default();
        let (value, class) = if without_value {
            (Cell::FormulaWithoutValue, class)
        } else {
            neutral(value, days, class)
        };
        out.set(column as usize, value, class);
    }
    drop(cells);
    if row.is_some() {
        let _ = out.end_row()?;
    }
    if !preview || package.watched_size() <= SMALL_SHEET {
        // Behind the last cell nothing is needed badly enough to refuse the file for it.
        let _ = package.scan_rest();
        out.merges = package.with_scan(|scan| std::mem::take(&mut scan.merges));
    }
    Ok(())
}

fn refusal(error: &XlsxError) -> SheetError {
    match error {
        XlsxError::Password => SheetError::PasswordProtected,
        _ => SheetError::Damaged { row: 0 },
    }
}

fn strings_entry(package: &Package) -> Option<usize> {
    package.names().iter().position(|name| {
        name.to_ascii_lowercase()
            .trim_start_matches('/')
            .ends_with("xl/sharedstrings.xml")
    })
}

/// The package with only as many shared strings as the first rows of a sheet use. Excel writes
/// them in order of first use, so this is mostly a short start of a long list.
fn with_first_strings(package: &Package, sheet: u32, rows: u32) -> Result<Package, SheetError> {
    let Some(strings) = strings_entry(package) else {
        return Ok(package.clone());
    };
    let damaged = |_| SheetError::Damaged { row: 0 };
    if package.size(strings) <= SMALL {
        return Ok(package.clone());
    }
    let bare = package.with_replaced(strings, NO_STRINGS.into());
    let mut book = Xlsx::new(bare.clone()).map_err(|error| refusal(&error))?;
    let name = sheet_name(book.sheets_metadata(), sheet)?;
    bare.watch_next();
    let opened = book.worksheet_cells_reader(&name).is_ok();
    let Some(entry) = bare.watched().filter(|_| opened) else {
        return Ok(package.clone());
    };
    let sheet_xml = package.entry_reader(entry).map_err(damaged)?;
    // The reader goes on until a row behind the wanted ones is whole.
    let Some(last) = last_string_used(sheet_xml, rows + 2) else {
        return Ok(bare);
    };
    let list = package.entry_reader(strings).map_err(damaged)?;
    let start = first_strings(list, last + 1).map_err(damaged)?;
    Ok(package.with_replaced(strings, start))
}

/// The highest shared string that the first `rows` rows with values refer to.
fn last_string_used(sheet_xml: impl Read, rows: u32) -> Option<usize> {
    let mut xml = quick_xml::Reader::from_reader(BufReader::new(sheet_xml));
    xml.config_mut().check_end_names = false;
    let mut buffer = Vec::new();
    let (mut shared, mut in_value, mut used) = (false, false, false);
    let (mut seen, mut last) = (0, None);
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer) {
            Ok(Event::Start(tag)) => match tag.local_name().as_ref() {
                "row" => {
                    if used {
                        seen += 1;
                    }
                    if seen > rows {
                        return last;
                    }
                    used = false;
                }
                "c" => {
                    shared =
                        matches!(tag.try_get_attribute("t"), Ok(Some(kind)) if kind.value == "s");
                }
                "v" => in_value = true,
                _ => {}
            },
            Ok(Event::Text(text)) if in_value => {
                used = true;
                if shared {
                    last = last.max(text.xml10_content().trim().parse().ok());
                }
            }
            Ok(Event::End(_)) => in_value = false,
            Ok(Event::Eof) | Err(_) => return last,
            Ok(_) => {}
        }
    }
}

/// The list of shared strings, cut behind its first `count`.
fn first_strings(mut list: impl Read, count: usize) -> std::io::Result<Vec<u8>> {
    let mut start = Vec::new();
    let mut chunk = vec![0; 64 * 1024];
    let (mut found, mut searched) = (0, 0);
    loop {
        let got = list.read(&mut chunk)?;
        if got == 0 {
            return Ok(start);
        }
        start.extend_from_slice(&chunk[..got]);
        while let Some(at) = memchr::memmem::find(&start[searched..], b"si>") {
            let end = searched + at + 3;
            // The end tag, with or without a namespace prefix.
            let tag = start[..end].iter().rposition(|&byte| byte == b'<');
            if tag.is_some_and(|tag| start.get(tag + 1) == Some(&b'/')) {
                found += 1;
                if found == count {
                    start.truncate(end);
                    start.extend_from_slice(b"</sst>");
                    return Ok(start);
                }
            }
            searched = end;
        }
        searched = searched.max(start.len().saturating_sub(2));
    }
}
