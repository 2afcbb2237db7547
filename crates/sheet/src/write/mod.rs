//! Tables of ours as files: workbooks with real dates and numbers, and CSV. What a user typed is
//! written as text and stays text, whatever it begins with.

mod csv_file;
mod value;
mod xlsx_file;

use std::io;
use std::path::Path;

use tempfile::NamedTempFile;

pub use csv_file::CsvFile;
pub use value::Value;
pub use xlsx_file::{Column, SheetPlan, XlsxFile};

/// First characters that make Excel take a CSV field for a formula.
pub(crate) const FORMULA_STARTS: [char; 11] =
    ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A file that becomes visible under its name only when it is whole.
fn unfinished_beside(target: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".ketu-").suffix(".part");
    crate::platform::with_usual_permissions(&mut builder);
    builder.tempfile_in(folder_of(target))
}

fn folder_of(target: &Path) -> &Path {
    match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn put_in_place(file: NamedTempFile, target: &Path) -> io::Result<()> {
    file.as_file().sync_all()?;
    file.persist(target).map_err(|failed| failed.error)?;
    Ok(())
}
