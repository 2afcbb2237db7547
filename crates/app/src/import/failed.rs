//! The rows that failed, as a workbook to mend and import again: the sheet's own columns and cells,
//! and behind them what was wrong.

use std::path::Path;

use ketu_sheet::Table;
use ketu_sheet::write::{Column, SheetPlan, Value, XlsxFile};

use super::plan::{Issue, Plan};
use super::reasons::{Language, sentence};
use super::rows::Layout;
use super::target::holds_digits;
use crate::api::import::RowAction;
use crate::error::Result;

/// What is written.
#[derive(Debug)]
pub struct Failed<'a> {
    pub table: &'a Table,
    pub names: &'a [String],
    pub layout: &'a Layout,
    pub plan: &'a Plan,
    /// Rows that were refused while they were written.
    pub refused: &'a [Issue],
}

/// Writes the workbook and says how many rows it has.
pub fn write(path: &Path, failed: &Failed<'_>, language: Language) -> Result<u32> {
    // Columns without name and data are left out.
    let columns: Vec<usize> = (0..failed.names.len())
        .filter(|at| !failed.names[*at].is_empty())
        .collect();
    let mut headers: Vec<Column> = columns
        .iter()
        .map(|at| {
            let header = Column::new(&failed.names[*at]);
            if stays_text(failed.layout, *at) {
                header.text()
            } else {
                header
            }
        })
        .collect();
    headers.push(
        Column::new(language.choose("导入失败原因", "Import error"))
            .red()
            .wide(40.0),
    );
    let rows = (0u32..)
        .zip(&failed.plan.rows)
        .filter(|(_, row)| row.action == RowAction::Fail);
    let mut file = XlsxFile::create(path)?;
    file.add_sheet(SheetPlan {
        name: language.choose("失败行", "Failed rows").to_owned(),
        columns: headers,
        title: None,
        expected_rows: failed.plan.counts.fail as usize,
    })?;
    let mut written = 0;
    for (number, row) in rows {
        let Some(cells) = failed.table.row(row.at as usize) else {
            continue;
        };
        let reasons = reasons(failed, number, language);
        let mut values: Vec<Value<'_>> = columns
            .iter()
            .map(|at| Value::from_cell(cells.cell(*at), cells.class(*at)))
            .collect();
        values.push(Value::Text(&reasons));
        file.row(&values)?;
        written += 1;
    }
    file.finish()?;
    Ok(written)
}

fn stays_text(layout: &Layout, at: usize) -> bool {
    layout
        .columns()
        .iter()
        .any(|column| column.index == at && holds_digits(&column.field))
}

fn reasons(failed: &Failed<'_>, row: u32, language: Language) -> String {
    let refused = failed.refused.iter().filter(|issue| issue.row == row);
    let issues = failed
        .plan
        .issues_of(row)
        .iter()
        .chain(refused)
        .filter(|issue| !issue.fault.warning);
    let sentences: Vec<String> = issues
        .map(|issue| {
            let params = issue
                .fault
                .params
                .iter()
                .map(|(name, value)| (*name, value.as_str()));
            let sentence = sentence(issue.fault.code, params, language);
            match issue.column.and_then(|column| failed.names.get(column)) {
                Some(name) => format!("{name}{}{sentence}", language.choose("：", ": ")),
                None => sentence,
            }
        })
        .collect();
    sentences.join(language.choose("；", "; "))
}
