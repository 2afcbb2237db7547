//! What the reading process says to its parent: frames of one byte of kind, four of length
//! (little endian) and the body. The parent believes nothing: a frame that does not fit is an
//! error, never a panic and never more memory than it carries.

use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize};

use crate::cell::Merge;
use crate::error::Refusal;
use crate::table::{LeftOut, RowMark, Table};
use crate::workbook::Workbook;

/// Longest body that is accepted.
const MAX_BODY: u32 = 64 * 1024 * 1024;

const WORKBOOK: u8 = b'W';
const ROWS: u8 = b'R';
const END: u8 = b'E';
const REFUSED: u8 = b'X';

/// The last frame of a sheet.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct End {
    pub merges: Vec<Merge>,
    pub left_out: LeftOut,
    /// Places where bytes were no characters.
    pub replaced: u64,
    pub complete: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Frame {
    Workbook(Workbook),
    /// Rows, and how much of the file they take one to, in thousandths.
    Rows(Box<Table>, u16),
    End(End),
    Refused(Refusal),
}

pub(crate) fn write_workbook(out: &mut impl Write, workbook: &Workbook) -> io::Result<()> {
    write_json(out, WORKBOOK, workbook)
}

pub(crate) fn write_end(out: &mut impl Write, end: &End) -> io::Result<()> {
    write_json(out, END, end)
}

pub(crate) fn write_refusal(out: &mut impl Write, refusal: &Refusal) -> io::Result<()> {
    write_json(out, REFUSED, refusal)
}

fn write_json(out: &mut impl Write, kind: u8, body: &impl Serialize) -> io::Result<()> {
    write_body(out, kind, &serde_json::to_vec(body)?)
}

/// `buffer` is scratch, kept by the caller so that a long sheet does not allocate for each batch.
pub(crate) fn write_rows(
    out: &mut impl Write,
    batch: &Table,
    thousandths: u16,
    buffer: &mut Vec<u8>,
) -> io::Result<()> {
    buffer.clear();
    buffer.extend_from_slice(&thousandths.to_le_bytes());
    buffer.extend_from_slice(&length(batch.width)?.to_le_bytes());
    for count in [batch.rows.len(), batch.tags.len(), batch.text.len()] {
        buffer.extend_from_slice(&length(count)?.to_le_bytes());
    }
    for row in &batch.rows {
        buffer.extend_from_slice(&row.number.to_le_bytes());
        buffer.extend_from_slice(&row.end.to_le_bytes());
        buffer.push(u8::from(row.hidden));
    }
    buffer.extend_from_slice(&batch.tags);
    for value in &batch.values {
        buffer.extend_from_slice(&value.to_le_bytes());
    }
    buffer.extend_from_slice(batch.text.as_bytes());
    write_body(out, ROWS, buffer)
}

fn length(count: usize) -> io::Result<u32> {
    u32::try_from(count).map_err(|_| io::ErrorKind::InvalidData.into())
}

fn write_body(out: &mut impl Write, kind: u8, body: &[u8]) -> io::Result<()> {
    let length = length(body.len())?;
    if length > MAX_BODY {
        return Err(io::ErrorKind::InvalidData.into());
    }
    out.write_all(&[kind])?;
    out.write_all(&length.to_le_bytes())?;
    out.write_all(body)
}

/// The next frame; `None` where the stream ends between frames.
pub(crate) fn read_frame(from: &mut impl Read, body: &mut Vec<u8>) -> io::Result<Option<Frame>> {
    let mut head = [0; 5];
    match from.read(&mut head[..1])? {
        0 => return Ok(None),
        _ => from.read_exact(&mut head[1..])?,
    }
    let [kind, length @ ..] = head;
    let length = u32::from_le_bytes(length);
    if length > MAX_BODY {
        return Err(io::ErrorKind::InvalidData.into());
    }
    body.clear();
    // Grows with what really arrives, not with what the head promises.
    if from.by_ref().take(u64::from(length)).read_to_end(body)? != length as usize {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    decode(kind, body).map(Some)
}

fn decode(kind: u8, body: &[u8]) -> io::Result<Frame> {
    Ok(match kind {
        WORKBOOK => Frame::Workbook(serde_json::from_slice(body)?),
        END => Frame::End(serde_json::from_slice(body)?),
        REFUSED => Frame::Refused(serde_json::from_slice(body)?),
        ROWS => {
            let (batch, thousandths) = decode_rows(body).ok_or(io::ErrorKind::InvalidData)?;
            Frame::Rows(Box::new(batch), thousandths)
        }
        _ => return Err(io::ErrorKind::InvalidData.into()),
    })
}

fn decode_rows(body: &[u8]) -> Option<(Table, u16)> {
    let mut rest = body;
    let thousandths = u16::from_le_bytes(*split(&mut rest)?);
    let width = u32::from_le_bytes(*split(&mut rest)?) as usize;
    let rows = u32::from_le_bytes(*split(&mut rest)?) as usize;
    let cells = u32::from_le_bytes(*split(&mut rest)?) as usize;
    let text = u32::from_le_bytes(*split(&mut rest)?) as usize;
    if rest.len() != rows.checked_mul(9)?.checked_add(cells.checked_mul(9)?)? + text {
        return None;
    }
    let (rows, rest) = rest.split_at(rows * 9);
    let (tags, rest) = rest.split_at(cells);
    let (values, text) = rest.split_at(cells * 8);
    let mut table = Table {
        rows: rows
            .as_chunks::<9>()
            .0
            .iter()
            .map(|&[a, b, c, d, e, f, g, h, hidden]| RowMark {
                number: u32::from_le_bytes([a, b, c, d]),
                end: u32::from_le_bytes([e, f, g, h]),
                hidden: hidden != 0,
            })
            .collect(),
        values: values
            .as_chunks::<8>()
            .0
            .iter()
            .map(|&bits| u64::from_le_bytes(bits))
            .collect(),
        text: str::from_utf8(text).ok()?.to_owned(),
        width,
        ..Table::default()
    };
    table.tags = tags.to_vec();
    table.is_sound().then_some((table, thousandths))
}

fn split<'a, const N: usize>(rest: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (head, tail) = rest.split_first_chunk()?;
    *rest = tail;
    Some(head)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::cell::{Cell, NumberClass};
    use proptest::prelude::*;

    #[derive(Debug, Clone)]
    enum Value {
        Empty,
        Text(String),
        Number(f64),
        DateTime(f64),
        Bool(bool),
        Error(String),
        Formula,
    }

    impl Value {
        fn cell(&self) -> Cell<'_> {
            match self {
                Self::Empty => Cell::Empty,
                Self::Text(text) => Cell::Text(text),
                Self::Number(number) => Cell::Number(*number),
                Self::DateTime(serial) => Cell::DateTime(*serial),
                Self::Bool(value) => Cell::Bool(*value),
                Self::Error(text) => Cell::Error(text),
                Self::Formula => Cell::FormulaWithoutValue,
            }
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            3 => Just(Value::Empty),
            4 => "[\\PC\\n\u{3000}]{1,12}".prop_map(Value::Text),
            2 => any::<f64>().prop_filter("not a number", |n| !n.is_nan()).prop_map(Value::Number),
            1 => (0.0..2_958_465.0).prop_map(Value::DateTime),
            1 => any::<bool>().prop_map(Value::Bool),
            1 => "#[A-Z/0!]{1,5}".prop_map(Value::Error),
            1 => Just(Value::Formula),
        ]
    }

    fn rows() -> impl Strategy<Value = Vec<(u32, bool, Vec<Value>)>> {
        prop::collection::vec(
            (
                1u32..50,
                any::<bool>(),
                prop::collection::vec(value(), 0..9),
            ),
            0..12,
        )
    }

    fn table(rows: &[(u32, bool, Vec<Value>)]) -> Table {
        let mut table = Table::default();
        let mut number = 0;
        for (step, hidden, cells) in rows {
            number += step;
            table.begin_row(number, *hidden);
            for (column, value) in cells.iter().enumerate().rev() {
                table.set(column, value.cell(), NumberClass::General);
            }
            table.end_row();
        }
        table
    }

    proptest! {
        #[test]
        fn a_table_gives_back_every_cell_that_was_put_into_it(rows in rows()) {
            let table = table(&rows);
            prop_assert!(table.is_sound());
            let mut number = 0;
            let mut kept = table.rows();
            for (step, hidden, cells) in &rows {
                number += step;
                if cells.iter().all(|value| value.cell().is_blank()) {
                    continue;
                }
                let row = kept.next().unwrap();
                prop_assert_eq!((row.number(), row.hidden()), (number, *hidden));
                for (column, value) in cells.iter().enumerate() {
                    prop_assert_eq!(row.cell(column), value.cell());
                }
            }
            prop_assert!(kept.next().is_none());
        }

        #[test]
        fn batches_arrive_as_they_were_sent_however_they_are_cut(rows in rows(), cut in 0usize..12) {
            let cut = cut.min(rows.len());
            let whole = table(&rows);
            let mut offset = rows.clone();
            if let Some(first) = offset.get_mut(cut) {
                first.0 += rows[..cut].iter().map(|row| row.0).sum::<u32>();
            }
            let mut pipe = Vec::new();
            for part in [&offset[..cut], &offset[cut..]] {
                write_rows(&mut pipe, &table(part), 500, &mut Vec::new()).unwrap();
            }
            let mut joined = Table::default();
            let mut from = pipe.as_slice();
            while let Some(frame) = read_frame(&mut from, &mut Vec::new()).unwrap() {
                let Frame::Rows(batch, 500) = frame else { panic!("rows expected") };
                joined.append(&batch);
            }
            prop_assert_eq!(joined.len(), whole.len());
            for (one, other) in joined.rows().zip(whole.rows()) {
                prop_assert_eq!(one.number(), other.number());
                prop_assert!(one.cells().eq(other.cells()));
            }
        }

        #[test]
        fn garbage_is_an_error_and_never_a_panic(
            mut bytes in prop::collection::vec(any::<u8>(), 0..400),
            kind in prop::sample::select(vec![WORKBOOK, ROWS, END, REFUSED, 0]),
            rows in rows(),
            place in any::<prop::sample::Index>(),
            flipped in any::<u8>(),
        ) {
            if !bytes.is_empty() {
                bytes[0] = kind;
            }
            let _ = read_frame(&mut bytes.as_slice(), &mut Vec::new());
            let _ = decode(kind, &bytes);

            let mut pipe = Vec::new();
            write_rows(&mut pipe, &table(&rows), 0, &mut Vec::new()).unwrap();
            let at = place.index(pipe.len());
            pipe[at] ^= flipped;
            if let Ok(Some(Frame::Rows(batch, _))) = read_frame(&mut pipe.as_slice(), &mut Vec::new()) {
                for row in batch.rows() {
                    let _ = row.filled();
                }
                let mut joined = Table::default();
                joined.append(&batch);
                joined.append(&batch);
                joined.put_in_order();
            }
        }
    }

    #[test]
    fn a_frame_that_promises_more_than_the_limit_is_refused_before_any_memory_is_asked_for() {
        let mut head = vec![ROWS];
        head.extend_from_slice(&u32::MAX.to_le_bytes());
        assert!(read_frame(&mut head.as_slice(), &mut Vec::new()).is_err());
    }
}
