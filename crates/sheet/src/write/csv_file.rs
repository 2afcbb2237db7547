//! CSV that Excel opens rightly: UTF-8 with its mark, CRLF, and no field that becomes a formula.

use std::borrow::Cow;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use csv::{Terminator, Writer, WriterBuilder};
use tempfile::NamedTempFile;

use super::{FORMULA_STARTS, Value, put_in_place, unfinished_beside};
use crate::error::SheetError;

/// A CSV file being written. Nothing is seen under its name before [`CsvFile::finish`].
#[derive(Debug)]
pub struct CsvFile {
    rows: Writer<BufWriter<NamedTempFile>>,
    target: PathBuf,
}

impl CsvFile {
    pub fn create(target: &Path) -> Result<Self, SheetError> {
        let mut file = BufWriter::new(unfinished_beside(target)?);
        file.write_all("\u{feff}".as_bytes())?;
        let rows = WriterBuilder::new()
            .terminator(Terminator::CRLF)
            .flexible(true)
            .from_writer(file);
        Ok(Self {
            rows,
            target: target.to_owned(),
        })
    }

    pub fn row(&mut self, values: &[Value<'_>]) -> Result<(), SheetError> {
        let fields = values.iter().map(|value| match value {
            Value::Text(text) | Value::Error(text) => guarded(text),
            value => value.to_text(),
        });
        for field in fields {
            self.rows.write_field(field.as_bytes()).map_err(into_io)?;
        }
        Ok(self.rows.write_record(None::<&[u8]>).map_err(into_io)?)
    }

    pub fn finish(self) -> Result<(), SheetError> {
        let file = self
            .rows
            .into_inner()
            .map_err(|failed| into_io_message(&failed))?;
        let file = file
            .into_inner()
            .map_err(std::io::IntoInnerError::into_error)?;
        Ok(put_in_place(file, &self.target)?)
    }
}

/// Text that begins like a formula gets a quote in front. So does text that has such a quote
/// already: whoever reads the file again takes one away.
fn guarded(text: &str) -> Cow<'_, str> {
    if text.trim_start_matches('\'').starts_with(FORMULA_STARTS) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

fn into_io(error: csv::Error) -> std::io::Error {
    error.into()
}

fn into_io_message<T>(failed: &csv::IntoInnerError<T>) -> std::io::Error {
    failed.error().kind().into()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn nothing_a_user_typed_becomes_a_formula() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("客户.csv");
        let mut file = CsvFile::create(&target).unwrap();
        for text in [
            "=1+1", "+86 138", "-5", "@SUM(A1)", "\tx", "\r\nx", "＝1", "张伟", "1=1",
        ] {
            file.row(&[Value::Text(text), Value::Integer(-5)]).unwrap();
        }
        assert!(!target.exists(), "seen only when it is whole");
        file.finish().unwrap();
        let written = std::fs::read_to_string(&target).unwrap();
        assert_eq!(
            written,
            "\u{feff}'=1+1,-5\r\n'+86 138,-5\r\n'-5,-5\r\n'@SUM(A1),-5\r\n'\tx,-5\r\n\"'\r\nx\",-5\r\n'＝1,-5\r\n张伟,-5\r\n1=1,-5\r\n"
        );
    }
}
