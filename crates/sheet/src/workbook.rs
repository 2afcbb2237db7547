//! What a file is, before its rows are asked for.

use serde::{Deserialize, Serialize};

/// A format that can be read, told by a file's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Xlsx,
    Xlsb,
    Ods,
    /// Excel 5 to 2003 and WPS `.et`.
    Xls,
    /// An HTML table, mostly named `.xls`.
    Html,
    /// The XML of Excel 2003.
    SpreadsheetXml,
    /// Values parted by a comma, semicolon, tab or bar.
    Csv,
}

/// A readable file and its sheets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workbook {
    pub kind: Kind,
    /// The character encoding of a text format.
    pub encoding: Option<String>,
    pub sheets: Vec<SheetInfo>,
}

/// One sheet with cells; charts and macros are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetInfo {
    /// What to ask for: its place among all sheets of the file, from 0.
    pub index: u32,
    /// Empty for formats whose one sheet has no name.
    pub name: String,
    pub visible: bool,
}
