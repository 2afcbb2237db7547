//! Every sheet of a file read and counted: how `ketu corpus` and our own tests meet the files
//! of strangers.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use crate::cell::Cell;
use crate::error::SheetError;
use crate::reader::Reader;
use crate::table::Row;
use crate::workbook::Kind;

/// What a file held.
#[derive(Debug)]
pub struct Survey {
    pub kind: Kind,
    pub sheets: usize,
    /// Rows that hold something, of all sheets.
    pub rows: u64,
    pub cells: u64,
    pub formulas_without_value: u64,
    /// Sheets that could not be read although the file opened, by their index.
    pub unreadable: Vec<(u32, SheetError)>,
}

impl Reader {
    /// Reads every sheet of a file. Refused where not one of them can be read.
    pub fn survey(&self, path: &Path) -> Result<Survey, SheetError> {
        let workbook = self.inspect(path)?;
        let mut survey = Survey {
            kind: workbook.kind,
            sheets: workbook.sheets.len(),
            rows: 0,
            cells: 0,
            formulas_without_value: 0,
            unreadable: Vec::new(),
        };
        for sheet in &workbook.sheets {
            match self.read(path, sheet.index, &AtomicBool::new(false), &mut |_, _| {}) {
                Ok(table) => {
                    survey.rows += table.len() as u64;
                    for cell in table.rows().flat_map(Row::cells) {
                        survey.cells += u64::from(!cell.is_blank());
                        survey.formulas_without_value +=
                            u64::from(cell == Cell::FormulaWithoutValue);
                    }
                }
                Err(error) => survey.unreadable.push((sheet.index, error)),
            }
        }
        if survey.unreadable.len() == survey.sheets
            && let Some((_, error)) = survey.unreadable.pop()
        {
            return Err(error);
        }
        Ok(survey)
    }
}
