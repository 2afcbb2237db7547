//! What a worksheet's XML says besides its cells, found while its bytes pass by: rows that are
//! hidden, cells that have a formula, merged ranges. Cells are told by their order, as the cell
//! reader meets them.

use std::collections::{HashSet, VecDeque};

use memchr::memchr;

use crate::cell::Merge;

/// A tag longer than this is no worksheet's; the scan gives up rather than collect it.
const MAX_TAG: usize = 64 * 1024;
/// More merged ranges than this are not a table's.
const MAX_MERGES: usize = 100_000;

#[derive(Debug, Default)]
pub(crate) struct SheetScan {
    /// The tag that the last bytes began and did not end.
    begun: Option<Vec<u8>>,
    in_cells: bool,
    /// Length of the namespace prefix and its colon in front of names.
    prefix: usize,
    /// Row number counted as the cell reader counts it, from 0.
    row: u32,
    /// Cells met so far.
    cells: u64,
    formulas: VecDeque<u64>,
    hidden: HashSet<u32>,
    pub(crate) merges: Vec<Merge>,
    lost: bool,
}

impl SheetScan {
    /// The next bytes of the worksheet.
    pub(crate) fn feed(&mut self, mut bytes: &[u8]) {
        while !self.lost {
            if let Some(begun) = self.begun.take() {
                match self.go_on(begun, bytes) {
                    Some(rest) => bytes = rest,
                    None => return,
                }
                continue;
            }
            let Some(at) = memchr(b'<', bytes) else {
                return;
            };
            bytes = &bytes[at + 1..];
            if self.is_dealt_with(bytes) {
                continue;
            }
            match memchr(b'>', bytes) {
                Some(end) if is_whole(&bytes[..end]) => {
                    self.tag(&bytes[..end]);
                    bytes = &bytes[end + 1..];
                }
                _ => self.begun = Some(Vec::new()),
            }
        }
    }

    /// Most tags of a worksheet tell by their name alone; what follows it is not looked at.
    fn is_dealt_with(&mut self, bytes: &[u8]) -> bool {
        let prefix = self.prefix;
        if !self.in_cells || (prefix > 0 && bytes.get(prefix - 1) != Some(&b':')) {
            return false;
        }
        let Some(&[first, second]) = bytes.get(prefix..).and_then(|name| name.first_chunk()) else {
            return false;
        };
        let ends = matches!(second, b' ' | b'>' | b'/' | b'\n' | b'\r' | b'\t');
        match first {
            b'c' if ends => self.cell(),
            b'f' if ends => self.formula(),
            b'v' | b't' | b'i' => {}
            _ => {
                let end_of_value = first == b'/' && prefix == 0;
                return end_of_value && matches!(second, b'c' | b'v' | b'f' | b't' | b'i');
            }
        }
        true
    }

    /// Adds to a tag begun earlier; what follows it, unless it goes on still.
    fn go_on<'a>(&mut self, mut begun: Vec<u8>, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let end = memchr(b'>', bytes);
        begun.extend_from_slice(&bytes[..end.unwrap_or(bytes.len())]);
        if end.is_some() && is_whole(&begun) {
            self.tag(&begun);
        } else {
            if end.is_some() {
                begun.push(b'>');
            }
            self.lost = begun.len() > MAX_TAG;
            self.begun = Some(begun);
        }
        end.map(|end| &bytes[end + 1..])
    }

    fn cell(&mut self) {
        self.cells += 1;
    }

    fn formula(&mut self) {
        if self.formulas.back() != Some(&self.cells) {
            self.formulas.push_back(self.cells);
        }
    }

    /// Whether the `cell`-th cell (from 1) has a formula. Asked in order.
    pub(crate) fn has_formula(&mut self, cell: u64) -> bool {
        self.forget_formulas_before(cell);
        self.formulas.front() == Some(&cell)
    }

    pub(crate) fn forget_formulas_before(&mut self, cell: u64) {
        while self.formulas.front().is_some_and(|&first| first < cell) {
            self.formulas.pop_front();
        }
    }

    /// Whether the row with this number (from 1) is hidden.
    pub(crate) fn is_hidden(&self, number: u32) -> bool {
        !self.hidden.is_empty() && self.hidden.contains(&number)
    }

    fn tag(&mut self, tag: &[u8]) {
        let closes = tag.first() == Some(&b'/');
        let name_end = tag
            .iter()
            .skip(1)
            .position(|byte| byte.is_ascii_whitespace() || *byte == b'/')
            .map_or(tag.len(), |at| at + 1);
        let name = &tag[usize::from(closes)..name_end];
        let prefix = memchr(b':', name).map_or(0, |at| at + 1);
        let name = &name[prefix..];
        match (name, closes) {
            (b"c", false) if self.in_cells => self.cell(),
            (b"f", false) if self.in_cells => self.formula(),
            (b"row", false) => {
                let number = attribute(tag, b"r").and_then(number);
                self.row = number.map_or(self.row, |number| number.saturating_sub(1));
                if matches!(attribute(tag, b"hidden"), Some(b"1" | b"true")) {
                    self.hidden.insert(self.row + 1);
                }
                if tag.ends_with(b"/") {
                    self.row = self.row.saturating_add(1);
                }
            }
            (b"row", true) => self.row = self.row.saturating_add(1),
            (b"sheetData", closes) => {
                self.in_cells = !closes && !tag.ends_with(b"/");
                self.prefix = prefix;
            }
            (b"mergeCell", false) if self.merges.len() < MAX_MERGES => {
                self.merges
                    .extend(attribute(tag, b"ref").and_then(parse_range));
            }
            _ => {}
        }
    }
}

/// A `>` ends a tag unless it stands in quotes, or in a comment or CDATA that goes on.
fn is_whole(tag: &[u8]) -> bool {
    if tag.starts_with(b"!--") {
        return tag.len() >= 5 && tag.ends_with(b"--");
    }
    if tag.starts_with(b"![CDATA[") {
        return tag.ends_with(b"]]");
    }
    let mut quote = None;
    for &byte in tag {
        match quote {
            None if byte == b'"' || byte == b'\'' => quote = Some(byte),
            Some(open) if byte == open => quote = None,
            _ => {}
        }
    }
    quote.is_none()
}

fn attribute<'a>(tag: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let mut rest = tag;
    loop {
        let at = memchr(b'=', rest)?;
        let key = rest[..at].trim_ascii_end();
        let after = rest[at + 1..].trim_ascii_start();
        let (&quote, after) = after.split_first()?;
        let end = memchr(quote, after)?;
        if key.ends_with(name)
            && key[..key.len() - name.len()]
                .last()
                .is_some_and(u8::is_ascii_whitespace)
        {
            return Some(&after[..end]);
        }
        rest = &after[end + 1..];
    }
}

fn number(digits: &[u8]) -> Option<u32> {
    str::from_utf8(digits).ok()?.trim().parse().ok()
}

/// `A1:B3`.
fn parse_range(text: &[u8]) -> Option<Merge> {
    let colon = memchr(b':', text)?;
    let (first_row, first_column) = parse_place(&text[..colon])?;
    let (last_row, last_column) = parse_place(&text[colon + 1..])?;
    Some(Merge {
        first_row: first_row.min(last_row),
        first_column: first_column.min(last_column),
        last_row: first_row.max(last_row),
        last_column: first_column.max(last_column),
    })
}

fn parse_place(text: &[u8]) -> Option<(u32, u32)> {
    let letters = text.iter().take_while(|byte| byte.is_ascii_alphabetic());
    let mut column = 0u32;
    let mut length = 0;
    for letter in letters {
        column = column
            .checked_mul(26)?
            .checked_add(u32::from(letter.to_ascii_uppercase() - b'A') + 1)?;
        length += 1;
    }
    let row = number(&text[length..])?;
    Some((row, column.checked_sub(1)?)).filter(|&(row, _)| row > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SHEET: &str = r#"<?xml version="1.0"?><worksheet><dimension ref="A1:C4"/><!-- <c/> > --><x:sheetData>
        <row r="1"><c r="A1"><f>1+1</f><v/></c><c r="B1"/></row><row hidden="1"><c t="str"><f>""</f><v></v></c></row>
        <row r="7" customHeight='1' hidden = 'true' ><c r="A7" foo="a>b"><v>1</v></c></row><row hidden="1"/><row><c/><c><f/></c></row>
        </x:sheetData><mergeCells count="1"><mergeCell ref="A2:AB3"/></mergeCells></worksheet>"#;

    fn found(scan: &mut SheetScan) -> (Vec<u64>, Vec<u32>, Vec<Merge>) {
        let formulas = (1..=scan.cells)
            .filter(|&cell| scan.has_formula(cell))
            .collect();
        let hidden = (1..20).filter(|&row| scan.is_hidden(row)).collect();
        (formulas, hidden, scan.merges.clone())
    }

    proptest! {
        #[test]
        fn the_same_is_found_however_the_bytes_are_cut(cut in prop::collection::vec(1usize..40, 1..60)) {
            let mut scan = SheetScan::default();
            let mut rest = SHEET.as_bytes();
            for length in cut {
                let (head, tail) = rest.split_at(length.min(rest.len()));
                scan.feed(head);
                rest = tail;
            }
            scan.feed(rest);
            let merge = Merge { first_row: 2, first_column: 0, last_row: 3, last_column: 27 };
            prop_assert_eq!(found(&mut scan), (vec![1, 3, 6], vec![2, 7, 8], vec![merge]));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(prop::sample::select(b"<>/\"' =rcf:A1-![x".to_vec()), 0..200)) {
            SheetScan::default().feed(&bytes);
        }
    }
}
