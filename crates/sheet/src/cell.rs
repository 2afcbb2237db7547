//! One cell and what is known of it beyond its value.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use crate::serial;

/// What one cell holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    Empty,
    Text(&'a str),
    Number(f64),
    /// A serial of the 1900 system; [`Cell::datetime`] gives civil time.
    DateTime(f64),
    Bool(bool),
    /// An error value such as `#N/A`.
    Error(&'a str),
    /// A formula whose result was never stored, as many exports write it.
    FormulaWithoutValue,
}

impl Cell<'_> {
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }

    /// Neither empty nor white space, hidden characters included.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => is_blank(text),
            _ => false,
        }
    }

    pub fn datetime(&self) -> Option<NaiveDateTime> {
        match self {
            Self::DateTime(serial) => serial::serial_to_datetime(*serial),
            _ => None,
        }
    }
}

/// What a cell's number format tells beyond its value. Known for xlsx and SpreadsheetML 2003.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberClass {
    #[default]
    General,
    Date,
    /// A time of day without a date.
    Time,
    /// A length of time: `[h]:mm`.
    Duration,
    Percent,
    Currency,
    /// Formatted as text, so that what looks like a number is none.
    Text,
}

/// A merged range, rows as numbered in the file (from 1), columns from 0, ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merge {
    pub first_row: u32,
    pub first_column: u32,
    pub last_row: u32,
    pub last_column: u32,
}

/// White space and the characters that look like nothing: zero-width spaces, BOM, soft hyphen.
pub(crate) fn is_hidden(part: char) -> bool {
    part.is_whitespace()
        || part.is_control()
        || matches!(part, '\u{00ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(is_hidden)
}
