//! What the records of a binary worksheet say besides the cells that the cell reader gives, found
//! while the bytes pass by: errors that formulas came to, which it passes over, hidden rows,
//! merged ranges. After [MS-XLSB] 2.1.4: kind, length and body, one after the other.

use std::collections::{HashSet, VecDeque};

use crate::cell::Merge;

/// Bytes of a body that are looked at; none that tells something is longer.
const LOOKED_AT: usize = 16;
/// More merged ranges than this are not a table's.
const MAX_MERGES: usize = 100_000;

const ROW: u16 = 0;
const FORMULA_ERROR: u16 = 11;
const MERGE: u16 = 176;

/// The error that a formula came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FormulaError {
    /// From 0, as the cell reader counts.
    pub row: u32,
    pub column: u32,
    pub text: &'static str,
}

#[derive(Debug, Default)]
pub(crate) struct RecordScan {
    next: Next,
    kind: u16,
    length: usize,
    /// The start of the record's body.
    body: Vec<u8>,
    row: u32,
    errors: VecDeque<FormulaError>,
    hidden: HashSet<u32>,
    pub(crate) merges: Vec<Merge>,
}

/// What the next byte is.
#[derive(Debug, Default, Clone, Copy)]
enum Next {
    #[default]
    Kind,
    KindHigh,
    /// A byte of the length, this many bits up.
    Length(u32),
    /// Body, with this many bytes to come.
    Body(usize),
}

impl RecordScan {
    /// The next bytes of the worksheet.
    pub(crate) fn feed(&mut self, mut bytes: &[u8]) {
        while let Some((&byte, rest)) = bytes.split_first() {
            if let Next::Body(left) = self.next {
                let (body, rest) = bytes.split_at(left.min(bytes.len()));
                let room = LOOKED_AT.saturating_sub(self.body.len());
                self.body.extend_from_slice(&body[..body.len().min(room)]);
                self.expect_body(left - body.len());
                bytes = rest;
                continue;
            }
            self.head(byte);
            bytes = rest;
        }
    }

    fn head(&mut self, byte: u8) {
        let low = byte & 0x7f;
        let more = byte & 0x80 != 0;
        match self.next {
            Next::Kind => {
                self.kind = u16::from(low);
                self.length = 0;
                self.body.clear();
                self.next = if more {
                    Next::KindHigh
                } else {
                    Next::Length(0)
                };
            }
            Next::KindHigh => {
                self.kind |= u16::from(low) << 7;
                self.next = Next::Length(0);
            }
            Next::Length(shift) => {
                self.length |= usize::from(low) << shift;
                if more && shift < 21 {
                    self.next = Next::Length(shift + 7);
                } else {
                    self.expect_body(self.length);
                }
            }
            Next::Body(_) => {}
        }
    }

    fn expect_body(&mut self, left: usize) {
        if left > 0 {
            self.next = Next::Body(left);
            return;
        }
        self.next = Next::Kind;
        match self.kind {
            ROW => {
                self.row = self.number(0).unwrap_or(self.row);
                // Behind number, style and height: flags, the fifth of the second byte is set
                // where the row is shown with no height.
                if self.body.get(11).is_some_and(|flags| flags & 0x10 != 0) {
                    self.hidden.insert(self.row);
                }
            }
            FORMULA_ERROR => {
                if let (Some(column), Some(&code)) = (self.number(0), self.body.get(8)) {
                    let row = self.row;
                    let text = error_text(code);
                    self.errors.push_back(FormulaError { row, column, text });
                }
            }
            MERGE if self.merges.len() < MAX_MERGES => {
                let numbers = [0, 4, 8, 12].map(|at| self.number(at));
                if let [
                    Some(first_row),
                    Some(last_row),
                    Some(first_column),
                    Some(last_column),
                ] = numbers
                {
                    self.merges.push(Merge {
                        first_row: first_row.saturating_add(1),
                        first_column,
                        last_row: last_row.saturating_add(1),
                        last_column,
                    });
                }
            }
            _ => {}
        }
    }

    fn number(&self, at: usize) -> Option<u32> {
        let bytes = self.body.get(at..)?.first_chunk()?;
        Some(u32::from_le_bytes(*bytes))
    }

    /// The next error that stands before this cell, taken out. Asked in order.
    pub(crate) fn error_before(&mut self, row: u32, column: u32) -> Option<FormulaError> {
        self.errors
            .pop_front_if(|error| (error.row, error.column) < (row, column))
    }

    /// Whether the row with this number (from 0) is hidden.
    pub(crate) fn is_hidden(&self, row: u32) -> bool {
        self.hidden.contains(&row)
    }
}

/// [MS-XLSB] 2.5.97.2.
fn error_text(code: u8) -> &'static str {
    match code {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0f => "#VALUE!",
        0x17 => "#REF!",
        0x1d => "#NAME?",
        0x24 => "#NUM!",
        0x2a => "#N/A",
        _ => "#ERROR!",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sheet() -> Vec<u8> {
        let mut bytes = vec![0, 17, 6, 0, 0, 0];
        bytes.extend_from_slice(&[0, 0, 0, 0, 44, 1, 0, 0x10, 0, 0, 0, 0, 0]);
        // A record that nobody looks at, with a length of two bytes.
        bytes.extend_from_slice(&[0x94, 0x01, 0x82, 0x01]);
        bytes.extend_from_slice(&[0xb0; 130]);
        bytes.extend_from_slice(&[11, 9, 2, 0, 0, 0, 0, 0, 0, 0, 0x2a]);
        bytes.extend_from_slice(&[0xb0, 0x01, 16, 6, 0, 0, 0, 8, 0, 0, 0]);
        bytes.extend_from_slice(&[0, 0, 0, 0, 1, 0, 0, 0]);
        bytes
    }

    proptest! {
        #[test]
        fn records_are_understood_however_the_bytes_are_cut(cuts in prop::collection::vec(1usize..20, 1..60)) {
            let bytes = sheet();
            let mut scan = RecordScan::default();
            let mut rest = bytes.as_slice();
            for cut in cuts.into_iter().chain([bytes.len()]) {
                let (part, behind) = rest.split_at(cut.min(rest.len()));
                scan.feed(part);
                rest = behind;
            }
            prop_assert!(scan.is_hidden(6));
            prop_assert_eq!(scan.error_before(6, 2), None);
            let error = FormulaError { row: 6, column: 2, text: "#N/A" };
            prop_assert_eq!(scan.error_before(6, 3), Some(error));
            prop_assert_eq!(scan.error_before(u32::MAX, 0), None);
            let merge = Merge { first_row: 7, first_column: 0, last_row: 9, last_column: 1 };
            prop_assert_eq!(scan.merges, [merge]);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            RecordScan::default().feed(&bytes);
        }
    }
}
