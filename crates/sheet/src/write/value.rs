//! What a cell can be given, and how it reads as text.

use std::borrow::Cow;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use crate::cell::{Cell, NumberClass};

/// A value to write.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    Empty,
    Text(&'a str),
    Number(f64),
    Integer(i64),
    /// Percentage points: 13 is written as 13 %.
    Percent(f64),
    Date(NaiveDate),
    DateTime(NaiveDateTime),
    /// Minor units and an ISO 4217 code.
    Money {
        minor: i64,
        currency: &'a str,
    },
    Bool(bool),
    /// An error such as `#N/A`. A workbook gets an error cell, never this text as a formula.
    Error(&'a str),
    /// A formula whose result nobody knows. A workbook gets `#N/A` for it: an empty result would
    /// look like a cell that was left empty.
    Unknown,
}

impl<'a> Value<'a> {
    /// A cell that was read, as it is to be written again.
    pub fn from_cell(cell: Cell<'a>, class: NumberClass) -> Self {
        match cell {
            Cell::Empty => Self::Empty,
            Cell::FormulaWithoutValue => Self::Unknown,
            Cell::Text(text) => Self::Text(text),
            Cell::Error(text) => Self::Error(text),
            Cell::Number(number) if class == NumberClass::Percent => Self::Percent(number * 100.0),
            Cell::Number(number) => Self::Number(number),
            Cell::DateTime(number) => match cell.datetime() {
                Some(_) if class == NumberClass::Duration => Self::Number(number),
                Some(at) if at.time() == NaiveTime::MIN => Self::Date(at.date()),
                Some(at) => Self::DateTime(at),
                None => Self::Number(number),
            },
            Cell::Bool(value) => Self::Bool(value),
        }
    }

    /// The value as people write it, dates in ISO order, no thousands separators.
    pub fn to_text(self) -> Cow<'a, str> {
        match self {
            Self::Empty | Self::Unknown => Cow::Borrowed(""),
            Self::Text(text) | Self::Error(text) => Cow::Borrowed(text),
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Integer(number) => Cow::Owned(number.to_string()),
            Self::Percent(points) => Cow::Owned(format!("{points}%")),
            Self::Date(date) => Cow::Owned(date.format("%Y-%m-%d").to_string()),
            Self::DateTime(at) => Cow::Owned(at.format("%Y-%m-%d %H:%M:%S").to_string()),
            Self::Money { minor, currency } => Cow::Owned(money_text(minor, currency)),
            Self::Bool(value) => Cow::Borrowed(if value { "TRUE" } else { "FALSE" }),
        }
    }
}

/// Digits behind the point of a currency, by ISO 4217.
pub(crate) fn minor_digits(currency: &str) -> u32 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX"
        | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

pub(crate) fn money_text(minor: i64, currency: &str) -> String {
    let digits = minor_digits(currency);
    let unit = 10u64.pow(digits);
    let sign = if minor < 0 { "-" } else { "" };
    let amount = minor.unsigned_abs();
    if digits == 0 {
        return format!("{sign}{amount}");
    }
    let width = digits as usize;
    format!("{sign}{}.{:0width$}", amount / unit, amount % unit)
}

/// Characters in one cell, counted as Excel counts them: in UTF-16.
const MAX_UNITS: usize = 32_767;

/// Text as a workbook can hold it: no control characters but tab and line feed, cut at the most
/// that a cell takes.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let odd = bytes
        .iter()
        .any(|&byte| byte < 0x20 || byte == 0x7f || byte == 0xef || byte == 0xc2);
    let mut cleaned = if odd && text.chars().any(|part| !is_writable(part)) {
        let text = text.replace("\r\n", "\n");
        Cow::Owned(
            text.chars()
                .map(|part| if part == '\r' { '\n' } else { part })
                .filter(|&part| is_writable(part))
                .collect::<String>(),
        )
    } else {
        Cow::Borrowed(text)
    };
    // A byte is never less than a unit of UTF-16.
    if cleaned.len() > MAX_UNITS {
        let mut units = 0;
        let end = cleaned.char_indices().find_map(|(at, part)| {
            units += part.len_utf16();
            (units > MAX_UNITS).then_some(at)
        });
        if let Some(end) = end {
            match &mut cleaned {
                Cow::Borrowed(text) => *text = &text[..end],
                Cow::Owned(text) => text.truncate(end),
            }
        }
    }
    cleaned
}

fn is_writable(part: char) -> bool {
    matches!(part, '\t' | '\n') || !(part.is_control() || matches!(part, '\u{fffe}' | '\u{ffff}'))
}

/// How wide a text is shown, in widths of a digit: Chinese characters are twice as wide.
pub(crate) fn shown_width(text: &str) -> usize {
    text.lines()
        .map(|line| {
            line.chars()
                .map(|part| if part >= '\u{1100}' { 2 } else { 1 })
                .sum()
        })
        .max()
        .unwrap_or(0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn money_is_written_with_the_digits_of_its_currency() {
        for (minor, currency, text) in [
            (123_450, "CNY", "1234.50"),
            (-5, "CNY", "-0.05"),
            (500, "JPY", "500"),
            (1_234, "KWD", "1.234"),
            (i64::MIN, "CNY", "-92233720368547758.08"),
        ] {
            assert_eq!(money_text(minor, currency), text);
        }
    }

    #[test]
    fn text_loses_only_what_a_workbook_cannot_hold() {
        assert_eq!(clean("上海\t贸易\n第二行"), "上海\t贸易\n第二行");
        assert_eq!(clean("a\u{0}b\u{1f}c\r\nd\re\u{ffff}"), "abc\nd\ne");
        assert_eq!(clean(&"😀".repeat(20_000)).encode_utf16().count(), 32_766);
        assert_eq!(clean(&"中".repeat(40_000)).chars().count(), 32_767);
        assert!(matches!(clean("普通文字"), Cow::Borrowed(_)));
    }

    #[test]
    fn what_was_read_is_written_as_it_was_meant() {
        let date = NaiveDate::from_ymd_opt(2024, 3, 5).unwrap();
        let cases = [
            (
                Cell::DateTime(45356.0),
                NumberClass::Date,
                Value::Date(date),
            ),
            (
                Cell::DateTime(45356.5),
                NumberClass::Date,
                Value::DateTime(date.and_hms_opt(12, 0, 0).unwrap()),
            ),
            (
                Cell::Number(0.25),
                NumberClass::Percent,
                Value::Percent(25.0),
            ),
            (Cell::Text("0755"), NumberClass::Text, Value::Text("0755")),
            (
                Cell::FormulaWithoutValue,
                NumberClass::General,
                Value::Unknown,
            ),
            (
                Cell::Error("#REF!"),
                NumberClass::General,
                Value::Error("#REF!"),
            ),
        ];
        for (cell, class, value) in cases {
            assert_eq!(Value::from_cell(cell, class), value);
        }
    }
}
