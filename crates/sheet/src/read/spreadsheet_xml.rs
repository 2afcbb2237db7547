//! The XML of Excel 2003, which some systems still export under the name `.xls`.

use std::collections::HashMap;
use std::rc::Rc;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::Output;
use crate::cell::{Cell, Merge, NumberClass};
use crate::error::SheetError;
use crate::kind::TextFile;
use crate::number_format::classify;
use crate::serial;
use crate::text::Utf8Reader;
use crate::workbook::SheetInfo;

const MAX_MERGES: usize = 100_000;

pub(crate) fn sheets(file: &TextFile) -> Result<Vec<SheetInfo>, SheetError> {
    let (content, _) = content(file)?;
    let mut sheets: Vec<SheetInfo> = Vec::new();
    let mut in_visible = false;
    events(&content, |event| {
        match event {
            Event::Start(tag) | Event::Empty(tag) => match tag.local_name().as_ref() {
                "Worksheet" => sheets.push(SheetInfo {
                    index: u32::try_from(sheets.len()).unwrap_or(u32::MAX),
                    name: attribute(&tag, "Name").unwrap_or_default(),
                    visible: true,
                }),
                name => in_visible = name == "Visible",
            },
            Event::Text(text) if in_visible && text.trim() != "SheetVisible" => {
                if let Some(sheet) = sheets.last_mut() {
                    sheet.visible = false;
                }
            }
            Event::End(_) => in_visible = false,
            _ => {}
        }
        Ok(true)
    })?;
    Ok(sheets)
}

pub(crate) fn read(file: &TextFile, sheet: u32, out: &mut Output<'_>) -> Result<(), SheetError> {
    let (content, replaced) = content(file)?;
    out.replaced = replaced;
    let mut reader = SheetReader {
        sheet,
        met: 0,
        styles: HashMap::new(),
        style: None,
        row: 0,
        column: 0,
        cell: None,
        value: None,
        in_row: false,
        out,
    };
    events(&content, |event| reader.event(&event))?;
    if reader.met <= sheet {
        return Err(SheetError::SheetNotFound { sheet });
    }
    Ok(())
}

/// The file's text, and how often its bytes were no characters.
fn content(file: &TextFile) -> Result<(String, u64), SheetError> {
    Utf8Reader::read_whole(Rc::clone(&file.file), file.encoding)
        .map_err(|_| SheetError::Damaged { row: 0 })
}

/// Calls `take` for each event until it answers false or the file ends.
fn events<'a>(
    content: &'a str,
    mut take: impl FnMut(Event<'a>) -> Result<bool, SheetError>,
) -> Result<(), SheetError> {
    let damaged = SheetError::Damaged { row: 0 };
    let mut xml = Reader::from_str(content.trim_start());
    xml.config_mut().check_end_names = false;
    loop {
        match xml.read_event() {
            // Nothing that a spreadsheet needs stands in a document type.
            Ok(Event::DocType(_)) | Err(_) => return Err(damaged),
            Ok(Event::Eof) => return Ok(()),
            Ok(event) => {
                if !take(event)? {
                    return Ok(());
                }
            }
        }
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    tag.attributes()
        .with_checks(false)
        .flatten()
        .find(|attribute| attribute.key.local_name().as_ref() == name)
        .and_then(|attribute| {
            let value = quick_xml::escape::unescape(&attribute.value).ok()?;
            Some(value.into_owned())
        })
}

fn number(tag: &BytesStart<'_>, name: &str) -> Option<u32> {
    attribute(tag, name)?.trim().parse().ok()
}

struct SheetReader<'a, 'b> {
    sheet: u32,
    /// Worksheets begun.
    met: u32,
    styles: HashMap<String, NumberClass>,
    style: Option<String>,
    row: u32,
    column: u32,
    cell: Option<OpenCell>,
    /// The text of the `Data` being read.
    value: Option<String>,
    in_row: bool,
    out: &'a mut Output<'b>,
}

struct OpenCell {
    kind: Option<String>,
    text: String,
    class: NumberClass,
    formula: bool,
    next: u32,
}

impl SheetReader<'_, '_> {
    fn event(&mut self, event: &Event<'_>) -> Result<bool, SheetError> {
        match event {
            Event::Start(tag) => return self.start(tag, false),
            Event::Empty(tag) => return self.start(tag, true),
            Event::Text(text) => {
                if let Some(value) = &mut self.value {
                    value.push_str(&text.xml10_content());
                }
            }
            Event::CData(text) => {
                if let Some(value) = &mut self.value {
                    value.push_str(text);
                }
            }
            Event::GeneralRef(reference) => {
                if let Some(value) = &mut self.value {
                    let name: &str = reference;
                    let escaped = format!("&{name};");
                    match quick_xml::escape::unescape(&escaped) {
                        Ok(part) => value.push_str(&part),
                        Err(_) => value.push_str(&escaped),
                    }
                }
            }
            Event::End(tag) => return self.end(tag.local_name().as_ref()),
            _ => {}
        }
        Ok(true)
    }

    fn start(&mut self, tag: &BytesStart<'_>, empty: bool) -> Result<bool, SheetError> {
        match tag.local_name().as_ref() {
            "Style" => self.style = attribute(tag, "ID"),
            "NumberFormat" => {
                if let (Some(style), Some(format)) = (&self.style, attribute(tag, "Format")) {
                    self.styles.insert(style.clone(), named_class(&format));
                }
            }
            "Worksheet" => self.met += 1,
            _ if self.met != self.sheet + 1 => {}
            "Row" => {
                self.row = number(tag, "Index")
                    .unwrap_or(self.row.saturating_add(1))
                    .max(1);
                self.column = 0;
                if empty {
                    let span = number(tag, "Span").unwrap_or(0);
                    self.row = self.row.saturating_add(span);
                } else {
                    let hidden = attribute(tag, "Hidden").as_deref() == Some("1");
                    self.out.begin_row(self.row, hidden);
                    self.in_row = true;
                }
            }
            "Cell" if self.in_row => {
                self.begin_cell(tag);
                if empty {
                    return self.end("Cell");
                }
            }
            "Data" => {
                if let Some(cell) = &mut self.cell {
                    cell.kind = attribute(tag, "Type");
                    self.value = (!empty).then(String::new);
                }
            }
            _ => {}
        }
        Ok(true)
    }

    fn begin_cell(&mut self, tag: &BytesStart<'_>) {
        if let Some(index) = number(tag, "Index") {
            self.column = index.saturating_sub(1);
        }
        let across = number(tag, "MergeAcross").unwrap_or(0);
        let down = number(tag, "MergeDown").unwrap_or(0);
        let next = self.column.saturating_add(across).saturating_add(1);
        if (across > 0 || down > 0) && self.out.merges.len() < MAX_MERGES {
            self.out.merges.push(Merge {
                first_row: self.row,
                first_column: self.column,
                last_row: self.row.saturating_add(down),
                last_column: next - 1,
            });
        }
        let style = attribute(tag, "StyleID");
        self.cell = Some(OpenCell {
            kind: None,
            text: String::new(),
            class: style
                .and_then(|style| self.styles.get(&style).copied())
                .unwrap_or_default(),
            formula: attribute(tag, "Formula").is_some(),
            next,
        });
    }

    fn end(&mut self, name: &str) -> Result<bool, SheetError> {
        match name {
            "Data" => {
                if let (Some(cell), Some(value)) = (&mut self.cell, self.value.take()) {
                    cell.text = value;
                }
            }
            "Cell" => {
                if let Some(cell) = self.cell.take() {
                    self.put(&cell);
                    self.column = cell.next;
                }
            }
            "Row" if self.in_row => {
                self.in_row = false;
                return Ok(self.out.end_row()?.is_continue());
            }
            "Worksheet" => return Ok(self.met <= self.sheet),
            _ => {}
        }
        Ok(true)
    }

    fn put(&mut self, cell: &OpenCell) {
        let column = self.column as usize;
        let text = cell.text.as_str();
        let (value, class) = match cell.kind.as_deref() {
            None if cell.formula => (Cell::FormulaWithoutValue, cell.class),
            None => return,
            Some("Number") => match text.trim().parse() {
                Ok(number) => (Cell::Number(number), cell.class),
                Err(_) => (Cell::Text(text), cell.class),
            },
            Some("DateTime") => match serial::iso_to_serial(text) {
                // A time of day is written with the day before the first.
                Some(serial) => (Cell::DateTime(serial), NumberClass::Date),
                None => match text
                    .split_once('T')
                    .and_then(|(_, time)| serial::iso_to_serial(time))
                {
                    Some(serial) => (Cell::DateTime(serial), NumberClass::Time),
                    None => (Cell::Text(text), cell.class),
                },
            },
            Some("Boolean") => (Cell::Bool(text.trim() == "1"), cell.class),
            Some("Error") => (Cell::Error(text), cell.class),
            Some(_) => (Cell::Text(text), cell.class),
        };
        self.out.set(column, value, class);
    }
}

/// Formats are given by name or by code.
fn named_class(format: &str) -> NumberClass {
    match format {
        "General Date" | "Long Date" | "Medium Date" | "Short Date" => NumberClass::Date,
        "Long Time" | "Medium Time" | "Short Time" => NumberClass::Time,
        "Percent" => NumberClass::Percent,
        "Currency" | "Euro Currency" => NumberClass::Currency,
        code => classify(code),
    }
}
