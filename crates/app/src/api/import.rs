//! Import: open a file, map its columns, see what every row will do, apply, and get the failures back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

#[derive(Debug, Deserialize, TS)]
pub struct ImportOpen {
    pub path: String,
    /// The first sheet that looks like data where absent.
    #[serde(default)]
    #[ts(optional)]
    pub sheet: Option<String>,
    /// First row of the header, counted from 1; guessed where absent.
    #[serde(default)]
    #[ts(optional)]
    pub header_row: Option<u32>,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct ImportOpened {
    pub import: u32,
    pub file: String,
    /// `xlsx`, `xls`, `xlsb`, `ods`, `csv`, `html`, `xml`.
    pub kind: String,
    /// Of text files, e.g. `GB18030`.
    pub encoding: Option<String>,
    pub sheets: Vec<ImportSheet>,
    pub sheet: String,
    /// First and last header row, from 1.
    pub header_rows: (u32, u32),
    pub columns: Vec<ImportColumn>,
    /// The first rows below the header, as displayed.
    pub preview: Vec<Vec<String>>,
    /// Whether the mapping is remembered from an earlier file with the same header.
    pub remembered: bool,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct ImportSheet {
    pub name: String,
    pub visible: bool,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct ImportColumn {
    pub index: u32,
    pub name: String,
    /// Where it goes, `customer.name`, `contact.mobile`, `opportunity.amount`, …; none skips it.
    pub target: Option<String>,
    /// A few values as displayed.
    pub samples: Vec<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DuplicateRule {
    #[default]
    Skip,
    /// Cells that hold something replace what is there; blank cells never do.
    Update,
    Create,
}

#[derive(Debug, Deserialize, TS)]
pub struct ImportPlanRequest {
    pub import: u32,
    /// Target by column index; absent columns are skipped.
    pub mapping: BTreeMap<u32, String>,
    #[serde(default)]
    #[ts(optional)]
    pub duplicates: Option<DuplicateRule>,
    /// Leave out rows that a filter hides in the file.
    #[serde(default)]
    #[ts(optional)]
    pub skip_hidden: Option<bool>,
    /// Give the blank cells of merged ranges the value of their first cell; so it is where absent.
    #[serde(default)]
    #[ts(optional)]
    pub fill_merged: Option<bool>,
}

#[derive(Debug, Clone, Default, Serialize, TS)]
pub struct ImportPlanned {
    pub import: u32,
    pub rows: u32,
    pub create: u32,
    pub update: u32,
    pub skip: u32,
    pub fail: u32,
    /// New records by entity.
    pub records: BTreeMap<String, u32>,
    /// Option values that are not known yet and will be added.
    pub new_options: Vec<NewOption>,
    /// Rows hidden in the file, merged ranges, formulas without a value: worth a word.
    pub hidden_rows: u32,
    pub merged_ranges: u32,
    /// Columns right of the last one that is read.
    pub columns_left_out: u32,
    /// Places where a text file's bytes were no characters of its encoding.
    pub characters_replaced: u32,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct NewOption {
    pub field: String,
    pub name: String,
    pub rows: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RowAction {
    Create,
    Update,
    Skip,
    Fail,
}

#[derive(Debug, Deserialize, TS)]
pub struct ImportRowsRequest {
    pub import: u32,
    #[serde(default)]
    #[ts(optional)]
    pub only: Option<RowAction>,
    pub offset: u32,
    pub limit: u32,
}

#[derive(Debug, Serialize, TS)]
pub struct ImportRows {
    pub total: u32,
    pub rows: Vec<ImportRow>,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct ImportRow {
    /// Row number in the file, from 1.
    pub row: u32,
    pub action: RowAction,
    /// The existing customer that an update or a skip is about.
    pub existing: Option<ExistingRecord>,
    pub cells: Vec<String>,
    pub issues: Vec<CellIssue>,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct ExistingRecord {
    pub id: Uuid,
    pub title: String,
    /// `number`, `uscc`, `name`, `name_phone`, `file` (an earlier row of the same file).
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct CellIssue {
    pub row: u32,
    /// Index of the column; none where the row as a whole is meant.
    pub column: Option<u32>,
    pub column_name: String,
    pub code: String,
    pub params: BTreeMap<String, String>,
    /// A warning does not keep the row out.
    pub warning: bool,
}

#[derive(Debug, Deserialize, TS)]
pub struct ImportRef {
    pub import: u32,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct Imported {
    pub import: u32,
    pub tx: Option<Uuid>,
    pub rows: u32,
    pub created: u32,
    pub updated: u32,
    pub skipped: u32,
    pub failed: u32,
    pub records: BTreeMap<String, u32>,
    pub options_added: Vec<NewOption>,
    #[ts(type = "number")]
    pub milliseconds: i64,
}

#[derive(Debug, Deserialize, TS)]
pub struct FailedRowsRequest {
    pub import: u32,
    pub path: String,
}

/// Places that a column can go to.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ImportTarget {
    /// `customer.name`
    pub target: String,
    pub entity_zh: String,
    pub entity_en: String,
    pub field_zh: String,
    pub field_en: String,
    pub required: bool,
}
