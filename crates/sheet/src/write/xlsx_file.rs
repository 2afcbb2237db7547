//! Workbooks, written row by row: up to fifty thousand rows with shared strings, which every
//! reader understands, beyond that in constant memory.

use std::collections::HashMap;
use std::fmt;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use chrono::{NaiveDateTime, NaiveTime};
use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Formula, Workbook, Worksheet};

use super::value::{clean, minor_digits, money_text, shown_width};
use super::{Value, folder_of, put_in_place, unfinished_beside};
use crate::error::SheetError;
use crate::serial::datetime_to_serial;

/// Above this many rows strings are no longer shared.
const SHARED_ROWS: usize = 50_000;
/// Rows that have a say in how wide columns become.
const MEASURED_ROWS: u32 = 1_000;
const WIDTHS: std::ops::RangeInclusive<usize> = 8..=48;
/// Excel keeps 15 digits of a number; longer ones are written as text.
const EXACT: u64 = 1_000_000_000_000_000;

/// One column of a sheet.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Column {
    pub title: String,
    /// In widths of a digit; by content where there is none.
    pub width: Option<f64>,
    /// Written in red: the reasons of failed rows.
    pub red: bool,
    /// What people type into it later stays text: phones, codes with leading zeros.
    pub text: bool,
}

impl Column {
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            ..Self::default()
        }
    }

    #[must_use]
    pub fn red(mut self) -> Self {
        self.red = true;
        self
    }

    #[must_use]
    pub fn text(mut self) -> Self {
        self.text = true;
        self
    }

    #[must_use]
    pub fn wide(mut self, width: f64) -> Self {
        self.width = Some(width);
        self
    }
}

/// A sheet to write.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SheetPlan {
    pub name: String,
    /// With titles they become a header row: styled, frozen, with a filter. A sheet without
    /// columns has neither.
    pub columns: Vec<Column>,
    /// A line above the header, merged across the columns.
    pub title: Option<String>,
    /// How many rows will follow, as far as is known; decides how they are held.
    pub expected_rows: usize,
}

/// A workbook being written. Rows go to the sheet added last. Nothing is seen under its name
/// before [`XlsxFile::finish`].
pub struct XlsxFile {
    workbook: Workbook,
    target: PathBuf,
    formats: Formats,
    sheets: Vec<Sheet>,
}

#[derive(Debug, Default)]
struct Sheet {
    columns: Vec<Column>,
    widths: Vec<usize>,
    header: Option<u32>,
    next_row: u32,
}

struct Formats {
    title: Format,
    header: Format,
    merged: Format,
    text: Format,
    red: Format,
    date: Format,
    datetime: Format,
    percent: Format,
    money: HashMap<String, Format>,
}

impl fmt::Debug for XlsxFile {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("XlsxFile")
            .field("sheets", &self.sheets)
            .finish_non_exhaustive()
    }
}

impl XlsxFile {
    pub fn create(target: &Path) -> Result<Self, SheetError> {
        let mut workbook = Workbook::new();
        workbook.set_tempdir(folder_of(target))?;
        Ok(Self {
            workbook,
            target: target.to_owned(),
            formats: Formats::new(),
            sheets: Vec::new(),
        })
    }

    /// Adds a sheet with its title and header. Its name loses what Excel does not allow.
    pub fn add_sheet(&mut self, plan: SheetPlan) -> Result<(), SheetError> {
        let sheet = if plan.expected_rows > SHARED_ROWS {
            self.workbook.add_worksheet_with_constant_memory()?
        } else {
            self.workbook.add_worksheet_with_low_memory()?
        };
        let name = sheet_name(&plan.name);
        if !name.is_empty() {
            sheet.set_name(name)?;
        }
        let mut state = Sheet {
            widths: plan
                .columns
                .iter()
                // Room for the filter's arrow.
                .map(|column| shown_width(&column.title) + 3)
                .collect(),
            ..Sheet::default()
        };
        for (column, at) in plan.columns.iter().zip(0..) {
            if column.text {
                sheet.set_column_format(at, &self.formats.text)?;
            }
        }
        if let Some(title) = &plan.title {
            let last = u16::try_from(plan.columns.len().max(1) - 1).unwrap_or(u16::MAX);
            if last > 0 {
                sheet.merge_range(0, 0, 0, last, &clean(title), &self.formats.title)?;
            } else {
                sheet.write_string_with_format(0, 0, clean(title), &self.formats.title)?;
            }
            state.next_row = 1;
        }
        if !plan.columns.is_empty() {
            let row = state.next_row;
            for (column, at) in plan.columns.iter().zip(0..) {
                let title = clean(&column.title);
                sheet.write_string_with_format(row, at, title, &self.formats.header)?;
            }
            sheet.set_freeze_panes(row + 1, 0)?;
            state.header = Some(row);
            state.next_row = row + 1;
        }
        state.columns = plan.columns;
        self.sheets.push(state);
        Ok(())
    }

    /// Writes the next row.
    pub fn row(&mut self, values: &[Value<'_>]) -> Result<(), SheetError> {
        let (sheet, state, formats) = self.current()?;
        let row = state.next_row;
        for (value, at) in values.iter().zip(0u16..) {
            let index = usize::from(at);
            let red = state.columns.get(index).is_some_and(|column| column.red);
            write(sheet, formats, row, at, *value, red)?;
            if row < MEASURED_ROWS {
                if state.widths.len() <= index {
                    state.widths.resize(index + 1, 0);
                }
                state.widths[index] = state.widths[index].max(value_width(value));
            }
        }
        state.next_row += 1;
        Ok(())
    }

    /// Merges cells from the next row on, `rows` down and `columns` to the right of `column`.
    /// The rows are then written as usual, with [`Value::Empty`] where the range lies.
    pub fn merge(
        &mut self,
        column: u16,
        rows: u32,
        columns: u16,
        text: &str,
    ) -> Result<(), SheetError> {
        let (sheet, state, formats) = self.current()?;
        let last_row = state.next_row + rows.max(1) - 1;
        let last_column = column.saturating_add(columns.max(1) - 1);
        let (text, format) = (clean(text), &formats.merged);
        sheet.merge_range(state.next_row, column, last_row, last_column, &text, format)?;
        Ok(())
    }

    /// Hides the next row.
    pub fn hide_row(&mut self) -> Result<(), SheetError> {
        let (sheet, state, _) = self.current()?;
        sheet.set_row_hidden(state.next_row)?;
        Ok(())
    }

    /// Leaves rows empty.
    pub fn skip_rows(&mut self, rows: u32) -> Result<(), SheetError> {
        let (_, state, _) = self.current()?;
        state.next_row += rows;
        Ok(())
    }

    /// Completes the file and puts it in place of what its name held before.
    pub fn finish(mut self) -> Result<(), SheetError> {
        for (index, state) in self.sheets.iter().enumerate() {
            let sheet = self.workbook.worksheet_from_index(index)?;
            for (width, at) in state.widths.iter().zip(0u16..) {
                let wanted = state
                    .columns
                    .get(usize::from(at))
                    .and_then(|column| column.width);
                let width = (width + 1).clamp(*WIDTHS.start(), *WIDTHS.end());
                #[allow(clippy::cast_precision_loss)]
                sheet.set_column_width(at, wanted.unwrap_or(width as f64))?;
            }
            if let Some(header) = state.header {
                let last = u16::try_from(state.columns.len() - 1).unwrap_or(u16::MAX);
                sheet.autofilter(header, 0, state.next_row.max(header + 1) - 1, last)?;
            }
        }
        let mut file = unfinished_beside(&self.target)?;
        let mut writer = BufWriter::with_capacity(256 * 1024, file.as_file_mut());
        self.workbook.save_to_writer(&mut writer)?;
        writer.flush()?;
        drop(writer);
        Ok(put_in_place(file, &self.target)?)
    }

    fn current(&mut self) -> Result<(&mut Worksheet, &mut Sheet, &mut Formats), SheetError> {
        if self.sheets.is_empty() {
            self.add_sheet(SheetPlan::default())?;
        }
        let last = self.sheets.len() - 1;
        Ok((
            self.workbook.worksheet_from_index(last)?,
            &mut self.sheets[last],
            &mut self.formats,
        ))
    }
}

impl Formats {
    fn new() -> Self {
        Self {
            title: Format::new()
                .set_bold()
                .set_font_size(14)
                .set_align(FormatAlign::Center)
                .set_align(FormatAlign::VerticalCenter),
            header: Format::new()
                .set_bold()
                .set_background_color(Color::RGB(0x00E8_EEF7))
                .set_border_bottom(FormatBorder::Thin)
                .set_align(FormatAlign::VerticalCenter),
            merged: Format::new()
                .set_align(FormatAlign::Center)
                .set_align(FormatAlign::VerticalCenter),
            text: Format::new().set_num_format("@"),
            red: Format::new().set_font_color(Color::RGB(0x00C0_0000)),
            date: Format::new().set_num_format("yyyy-mm-dd"),
            datetime: Format::new().set_num_format("yyyy-mm-dd hh:mm"),
            percent: Format::new().set_num_format("0.##%"),
            money: HashMap::new(),
        }
    }

    fn money(&mut self, currency: &str) -> &Format {
        if !self.money.contains_key(currency) {
            let decimals = match minor_digits(currency) {
                0 => String::new(),
                digits => format!(".{}", "0".repeat(digits as usize)),
            };
            let known =
                currency.len() == 3 && currency.bytes().all(|part| part.is_ascii_uppercase());
            let code = match currency {
                "CNY" => format!("\"¥\"#,##0{decimals}"),
                _ if known => format!("[${currency}] #,##0{decimals}"),
                _ => format!("#,##0{decimals}"),
            };
            let format = Format::new().set_num_format(code);
            self.money.insert(currency.to_owned(), format);
        }
        &self.money[currency]
    }
}

fn write(
    sheet: &mut Worksheet,
    formats: &mut Formats,
    row: u32,
    column: u16,
    value: Value<'_>,
    red: bool,
) -> Result<(), SheetError> {
    match value {
        Value::Empty => {}
        Value::Text(text) => {
            let text = clean(text);
            if text.is_empty() {
            } else if red {
                sheet.write_string_with_format(row, column, text, &formats.red)?;
            } else {
                sheet.write_string(row, column, text)?;
            }
        }
        Value::Number(number) if number.is_finite() => {
            sheet.write_number(row, column, number)?;
        }
        Value::Number(_) => {}
        Value::Integer(number) if number.unsigned_abs() < EXACT => {
            #[allow(clippy::cast_precision_loss)]
            sheet.write_number(row, column, number as f64)?;
        }
        Value::Integer(number) => {
            sheet.write_string(row, column, number.to_string())?;
        }
        Value::Percent(points) if points.is_finite() => {
            sheet.write_number_with_format(row, column, points / 100.0, &formats.percent)?;
        }
        Value::Percent(_) => {}
        Value::Date(date) => {
            let format = &formats.date;
            return moment(
                sheet,
                row,
                column,
                date.and_time(NaiveTime::MIN),
                value,
                format,
            );
        }
        Value::DateTime(at) => {
            return moment(sheet, row, column, at, value, &formats.datetime);
        }
        Value::Money { minor, currency } if minor.unsigned_abs() < EXACT => {
            #[allow(clippy::cast_precision_loss)]
            let amount = minor as f64 / f64::from(10u32.pow(minor_digits(currency)));
            sheet.write_number_with_format(row, column, amount, formats.money(currency))?;
        }
        Value::Money { minor, currency } => {
            sheet.write_string(row, column, money_text(minor, currency))?;
        }
        Value::Bool(value) => {
            sheet.write_boolean(row, column, value)?;
        }
        Value::Error(text) => error_cell(sheet, row, column, text)?,
        Value::Unknown => error_cell(sheet, row, column, "#N/A")?,
    }
    Ok(())
}

/// A cell with an error as its value, which only a formula can have. The formula is one of these
/// and nothing else, whatever the text: it comes from a file of strangers.
fn error_cell(sheet: &mut Worksheet, row: u32, column: u16, text: &str) -> Result<(), SheetError> {
    let (formula, error) = match text {
        "#N/A" => ("=NA()", "#N/A"),
        "#DIV/0!" => ("=1/0", "#DIV/0!"),
        "#NAME?" => ("=#NAME?", "#NAME?"),
        "#NULL!" => ("=#NULL!", "#NULL!"),
        "#NUM!" => ("=#NUM!", "#NUM!"),
        "#REF!" => ("=#REF!", "#REF!"),
        // What Excel puts for an error that a reader may not know.
        _ => ("=#VALUE!", "#VALUE!"),
    };
    sheet.write_formula(row, column, Formula::new(formula).set_result(error))?;
    Ok(())
}

fn moment(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    at: NaiveDateTime,
    value: Value<'_>,
    format: &Format,
) -> Result<(), SheetError> {
    match datetime_to_serial(at).filter(|&serial| serial >= 1.0) {
        Some(serial) => sheet.write_number_with_format(row, column, serial, format)?,
        // Excel knows no day before 1900.
        None => sheet.write_string(row, column, value.to_text())?,
    };
    Ok(())
}

fn value_width(value: &Value<'_>) -> usize {
    match value {
        Value::Text(text) => shown_width(text),
        Value::Date(_) => 10,
        Value::DateTime(_) => 16,
        Value::Money { .. } => value.to_text().len() + 5,
        value => value.to_text().len(),
    }
}

/// At most 31 UTF-16 units, none of `[]:*?/\`, no quote at either end.
fn sheet_name(wanted: &str) -> String {
    let mut units = 0;
    let name: String = clean(wanted)
        .chars()
        .map(|part| {
            if "[]:*?/\\\n\t".contains(part) {
                ' '
            } else {
                part
            }
        })
        .take_while(|part| {
            units += part.len_utf16();
            units <= 31
        })
        .collect();
    name.trim_matches(['\'', ' ']).to_owned()
}
