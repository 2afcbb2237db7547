//! Values parted by a comma, semicolon, tab or bar. Everything stays text, so that leading
//! zeros and long numbers survive.

use std::collections::HashMap;
use std::io::Read;
use std::rc::Rc;

use csv::{ReaderBuilder, StringRecord, Terminator};

use super::Output;
use crate::cell::{Cell, NumberClass};
use crate::error::SheetError;
use crate::kind::TextFile;
use crate::text::Utf8Reader;
use crate::write::FORMULA_STARTS;

const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];
/// Characters looked at to find the delimiter.
const SAMPLE: u64 = 32 * 1024;
const SAMPLE_ROWS: usize = 50;
/// A field this long is an unclosed quote that swallowed the rows after it.
const MAX_FIELD: usize = 1024 * 1024;

pub(crate) fn read(text: &TextFile, out: &mut Output<'_>) -> Result<(), SheetError> {
    let mut sample = Vec::new();
    Utf8Reader::new(Rc::clone(&text.file), text.encoding)?
        .take(SAMPLE)
        .read_to_end(&mut sample)?;
    let declared = declared_delimiter(&sample);
    let delimiter = declared.unwrap_or_else(|| likeliest_delimiter(&sample));
    // A last line that nothing ends counts like the others.
    let reader = Utf8Reader::new(Rc::clone(&text.file), text.encoding)?.chain(&b"\n"[..]);
    let mut rows = builder(delimiter).from_reader(reader);
    let mut record = StringRecord::new();
    // Line breaks inside fields met so far: what parts line numbers from row numbers.
    let mut inner = 0;
    let mut skip = declared.is_some();
    while rows
        .read_record(&mut record)
        .map_err(|_| SheetError::Damaged { row: 0 })?
    {
        let content = record.as_slice();
        if content.len() > MAX_FIELD && record.iter().any(|field| field.len() > MAX_FIELD) {
            return Err(SheetError::Damaged { row: 0 });
        }
        inner += memchr::memchr_iter(b'\n', content.as_bytes()).count() as u64;
        if std::mem::take(&mut skip) {
            continue;
        }
        let number = rows.position().line().saturating_sub(1 + inner);
        let number = u32::try_from(number.max(1)).unwrap_or(u32::MAX);
        out.begin_row(number, false);
        for (column, field) in record.iter().enumerate() {
            out.set(column, Cell::Text(plain(field)), NumberClass::General);
        }
        let source = rows.get_ref().get_ref().0;
        let thousandths = source.consumed() * 1000 / text.bytes.max(1);
        out.thousandths = u16::try_from(thousandths).unwrap_or(1000);
        out.replaced = source.replaced();
        if out.end_row()?.is_break() {
            break;
        }
    }
    Ok(())
}

fn builder(delimiter: u8) -> ReaderBuilder {
    let mut builder = ReaderBuilder::new();
    builder
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .terminator(Terminator::Any(b'\n'));
    builder
}

/// Excel's own first line `sep=;`.
fn declared_delimiter(sample: &[u8]) -> Option<u8> {
    let line = sample.split(|&byte| byte == b'\n').next()?;
    match line.strip_prefix(b"sep=").or(line.strip_prefix(b"SEP="))? {
        [delimiter] => Some(*delimiter),
        _ => None,
    }
}

/// The delimiter that cuts most rows into the same number of values, the more the better.
fn likeliest_delimiter(sample: &[u8]) -> u8 {
    let whole = match sample.iter().rposition(|&byte| byte == b'\n') {
        Some(end) if sample.len() as u64 >= SAMPLE => &sample[..=end],
        _ => sample,
    };
    let mut best = (0, 0, DELIMITERS[0]);
    for delimiter in DELIMITERS {
        let mut widths = HashMap::new();
        let mut rows = builder(delimiter).from_reader(whole);
        for row in rows.byte_records().flatten().take(SAMPLE_ROWS) {
            if row.len() > 1 {
                *widths.entry(row.len()).or_insert(0) += 1;
            }
        }
        for (width, rows) in widths {
            // One row proves little; then the commoner delimiter wins.
            if (rows, if rows > 1 { width } else { 0 }) > (best.0, best.1) {
                best = (rows, if rows > 1 { width } else { 0 }, delimiter);
            }
        }
    }
    best.2
}

/// A field without what keeps Excel from taking it for a number or formula: `="0755"`, `'=1+1`.
fn plain(field: &str) -> &str {
    if let Some(inner) = field
        .strip_prefix("=\"")
        .and_then(|rest| rest.strip_suffix('"'))
        && !inner.contains('"')
    {
        return inner;
    }
    match field.strip_prefix('\'') {
        Some(rest) if rest.trim_start_matches('\'').starts_with(FORMULA_STARTS) => rest,
        _ => field,
    }
}
