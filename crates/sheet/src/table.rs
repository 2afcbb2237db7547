//! A sheet in memory: text in one arena, nine bytes for each cell, rows as long as they are
//! filled. The same structure carries batches of rows from the reading process to its parent.

use serde::{Deserialize, Serialize};

use crate::cell::{Cell, Merge, NumberClass};
use crate::limits::MAX_COLUMNS;

/// What a sheet holds beyond what a table keeps, [`MAX_ROWS`](crate::MAX_ROWS) and
/// [`MAX_COLUMNS`]. Known where the whole sheet was read; of a preview, as far as it went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Filled rows below the last one that is kept.
    pub rows: u64,
    /// Columns right of the last one that is kept, up to the last with a filled cell.
    pub columns: u64,
    /// Filled cells in these rows and columns.
    pub cells: u64,
}

impl LeftOut {
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.rows = self.rows.saturating_add(other.rows);
        self.columns = self.columns.max(other.columns);
        self.cells = self.cells.saturating_add(other.cells);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RowMark {
    pub number: u32,
    pub hidden: bool,
    /// Where the row's cells end in the table's lists; they begin where the row before ends.
    pub end: u32,
}

const EMPTY: u8 = 0;
const TEXT: u8 = 1;
const NUMBER: u8 = 2;
const DATETIME: u8 = 3;
const BOOL: u8 = 4;
const ERROR: u8 = 5;
const FORMULA: u8 = 6;

/// The rows of one sheet that hold something.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    pub(crate) rows: Vec<RowMark>,
    /// Kind in the low four bits, number class in the high four.
    pub(crate) tags: Vec<u8>,
    /// Bits of the number, or start and length (high half) in the arena.
    pub(crate) values: Vec<u64>,
    pub(crate) text: String,
    pub(crate) width: usize,
    pub(crate) merges: Vec<Merge>,
    pub(crate) left_out: LeftOut,
    pub(crate) replaced: u64,
    pub(crate) complete: bool,
}

impl Table {
    /// A table of our own: rows numbered from 1, those that hold nothing left out.
    pub fn from_rows<'a, R: IntoIterator<Item = Cell<'a>>>(
        rows: impl IntoIterator<Item = R>,
    ) -> Self {
        let mut table = Self {
            complete: true,
            ..Self::default()
        };
        for (number, row) in (1..).zip(rows) {
            table.begin_row(number, false);
            for (column, cell) in row.into_iter().enumerate() {
                table.set(column, cell, NumberClass::General);
            }
            table.end_row();
        }
        table
    }

    /// Rows that hold something.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Columns up to the last one that holds something.
    pub fn width(&self) -> usize {
        self.width
    }

    pub fn merges(&self) -> &[Merge] {
        &self.merges
    }

    /// What the sheet holds beyond the last column or row that is kept.
    pub fn left_out(&self) -> LeftOut {
        self.left_out
    }

    /// Filled cells beyond the last column or row that is kept.
    pub fn clipped_cells(&self) -> u64 {
        self.left_out.cells
    }

    /// Places in a text file where its bytes are no characters of its encoding. U+FFFD stands
    /// there instead. Of a preview, as far as it went.
    pub fn replaced_characters(&self) -> u64 {
        self.replaced
    }

    /// The whole sheet was read, not only its first rows.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    pub fn rows(&self) -> impl ExactSizeIterator<Item = Row<'_>> + DoubleEndedIterator {
        (0..self.rows.len()).map(|index| Row { table: self, index })
    }

    /// The row at `index`, counted from 0 among the rows that hold something.
    pub fn row(&self, index: usize) -> Option<Row<'_>> {
        (index < self.rows.len()).then_some(Row { table: self, index })
    }

    /// Where the row with this number of the file stands.
    pub fn index_of(&self, number: u32) -> Result<usize, usize> {
        self.rows.binary_search_by_key(&number, |row| row.number)
    }

    /// Bytes that this table occupies.
    pub fn memory(&self) -> usize {
        self.rows.capacity() * size_of::<RowMark>()
            + self.tags.capacity()
            + self.values.capacity() * size_of::<u64>()
            + self.text.capacity()
            + self.merges.capacity() * size_of::<Merge>()
    }

    /// The same table with the value of each range merged downwards repeated in its rows, from
    /// row number `from_row` on. A range merged sideways fills its first column only.
    pub fn fill_down(&self, from_row: u32) -> Self {
        let mut fills: Vec<(u32, u32, u32, u32)> = self
            .merges
            .iter()
            .filter(|merge| merge.last_row > merge.first_row && merge.first_row >= from_row)
            .map(|merge| {
                (
                    merge.first_row,
                    merge.last_row,
                    merge.first_column,
                    merge.first_row,
                )
            })
            .collect();
        if fills.is_empty() {
            return self.clone();
        }
        fills.sort_unstable();
        let mut filled = Self {
            merges: self.merges.clone(),
            left_out: self.left_out,
            replaced: self.replaced,
            complete: self.complete,
            ..Self::default()
        };
        let mut next = 0;
        let mut open: Vec<(u32, u32, u32)> = Vec::new();
        for row in self.rows() {
            let number = row.number();
            while let Some(&(first, last, column, source)) = fills.get(next)
                && first < number
            {
                open.push((last, column, source));
                next += 1;
            }
            open.retain(|&(last, _, _)| last >= number);
            filled.begin_row(number, row.hidden());
            for (column, cell) in row.cells().enumerate() {
                filled.set(column, cell, row.class(column));
            }
            for &(_, column, source) in &open {
                let column = column as usize;
                if row.cell(column).is_blank()
                    && let Some(from) = self.index_of(source).ok().and_then(|at| self.row(at))
                {
                    filled.set(column, from.cell(column), from.class(column));
                }
            }
            filled.end_row();
        }
        filled
    }

    /// Starts a row; nothing is kept of it until [`Table::end_row`].
    pub(crate) fn begin_row(&mut self, number: u32, hidden: bool) {
        let end = self.filled();
        self.rows.push(RowMark {
            number,
            hidden,
            end,
        });
    }

    /// Sets a cell of the row begun last. Columns may come in any order.
    pub(crate) fn set(&mut self, column: usize, cell: Cell<'_>, class: NumberClass) {
        if cell.is_empty() {
            return;
        }
        if column >= MAX_COLUMNS {
            if !cell.is_blank() {
                self.left_out.add(LeftOut {
                    rows: 0,
                    columns: (column - MAX_COLUMNS) as u64 + 1,
                    cells: 1,
                });
            }
            return;
        }
        let (kind, value) = match cell {
            Cell::Empty => (EMPTY, 0),
            Cell::Text("") => return,
            Cell::Text(text) => match self.store(text) {
                Some(place) => (TEXT, place),
                None => return,
            },
            Cell::Number(number) => (NUMBER, number.to_bits()),
            Cell::DateTime(serial) => (DATETIME, serial.to_bits()),
            Cell::Bool(value) => (BOOL, u64::from(value)),
            Cell::Error(text) => match self.store(text) {
                Some(place) => (ERROR, place),
                None => return,
            },
            Cell::FormulaWithoutValue => (FORMULA, 0),
        };
        let tag = kind | (class as u8) << 4;
        let at = self.row_start(self.rows.len().saturating_sub(1)) + column;
        if at < self.tags.len() {
            self.tags[at] = tag;
            self.values[at] = value;
        } else {
            self.tags.resize(at, EMPTY);
            self.values.resize(at, 0);
            self.tags.push(tag);
            self.values.push(value);
        }
    }

    /// Ends the row begun last; says whether it holds something and was kept.
    pub(crate) fn end_row(&mut self) -> bool {
        let Some(last) = self.rows.len().checked_sub(1) else {
            return false;
        };
        self.rows[last].end = self.filled();
        let row = Row {
            table: self,
            index: last,
        };
        let used = row
            .cells()
            .enumerate()
            .rev()
            .find(|(_, cell)| !cell.is_blank());
        let Some(used) = used.map(|(column, _)| column + 1) else {
            self.drop_row();
            return false;
        };
        self.width = self.width.max(used);
        true
    }

    /// Takes the last row away again.
    pub(crate) fn drop_row(&mut self) {
        let Some(last) = self.rows.len().checked_sub(1) else {
            return;
        };
        let start = self.row_start(last);
        let text_start = (start..self.tags.len())
            .filter(|&at| matches!(self.tags[at] & 15, TEXT | ERROR))
            .map(|at| place(self.values[at]).0)
            .min();
        if let Some(text_start) = text_start {
            self.text.truncate(text_start);
        }
        self.tags.truncate(start);
        self.values.truncate(start);
        self.rows.pop();
    }

    /// Puts a batch behind the rows already here.
    pub(crate) fn append(&mut self, batch: &Self) {
        let text_shift = self.text.len() as u64;
        let cell_shift = self.filled();
        self.text.push_str(&batch.text);
        self.tags.extend_from_slice(&batch.tags);
        self.values
            .extend(
                batch
                    .tags
                    .iter()
                    .zip(&batch.values)
                    .map(|(tag, value)| match tag & 15 {
                        TEXT | ERROR => value + text_shift,
                        _ => *value,
                    }),
            );
        self.rows.extend(batch.rows.iter().map(|row| RowMark {
            end: row.end + cell_shift,
            ..*row
        }));
        self.width = self.width.max(batch.width);
    }

    /// Some files number their rows out of order; readers of a table may rely on it.
    pub(crate) fn put_in_order(&mut self) {
        if self.rows.is_sorted_by_key(|row| row.number) {
            return;
        }
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        order.sort_by_key(|&index| self.rows[index].number);
        let mut sorted = Self {
            merges: std::mem::take(&mut self.merges),
            left_out: self.left_out,
            replaced: self.replaced,
            complete: self.complete,
            ..Self::default()
        };
        for index in order {
            let row = Row { table: self, index };
            let again = sorted.rows.last().map(|last| last.number) == Some(row.number());
            if !again {
                sorted.begin_row(row.number(), row.hidden());
            }
            for (column, cell) in row.cells().enumerate() {
                sorted.set(column, cell, row.class(column));
            }
            sorted.end_row();
        }
        *self = sorted;
    }

    /// Empties the table but keeps its memory for the next batch.
    pub(crate) fn clear(&mut self) {
        self.rows.clear();
        self.tags.clear();
        self.values.clear();
        self.text.clear();
        self.left_out = LeftOut::default();
    }

    /// Checks what a batch from outside claims: every row, tag and piece of text in place.
    pub(crate) fn is_sound(&self) -> bool {
        let mut start = 0;
        for row in &self.rows {
            if row.end < start || row.number == 0 || (row.end - start) as usize > MAX_COLUMNS {
                return false;
            }
            start = row.end;
        }
        start as usize == self.tags.len()
            && self.tags.len() == self.values.len()
            && self.width <= MAX_COLUMNS
            && self.tags.iter().zip(&self.values).all(|(&tag, &value)| {
                let known = tag & 15 <= FORMULA && tag >> 4 <= NumberClass::Text as u8;
                known
                    && (!matches!(tag & 15, TEXT | ERROR) || {
                        let (from, to) = place(value);
                        self.text.get(from..to).is_some()
                    })
            })
    }

    fn store(&mut self, text: &str) -> Option<u64> {
        let start = u32::try_from(self.text.len()).ok()?;
        let length = u32::try_from(text.len()).ok()?;
        start.checked_add(length)?;
        self.text.push_str(text);
        Some(u64::from(start) | u64::from(length) << 32)
    }

    fn filled(&self) -> u32 {
        u32::try_from(self.tags.len()).expect("rows times columns stay below 2^32")
    }

    fn row_start(&self, index: usize) -> usize {
        match index {
            0 => 0,
            _ => self.rows[index - 1].end as usize,
        }
    }
}

/// One row of a table.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    table: &'a Table,
    index: usize,
}

impl<'a> Row<'a> {
    /// Its number in the file, from 1.
    pub fn number(&self) -> u32 {
        self.table.rows[self.index].number
    }

    /// Hidden in the file, by hand or by a filter.
    pub fn hidden(&self) -> bool {
        self.table.rows[self.index].hidden
    }

    /// The cell of a column, from 0; empty beyond the row's end.
    pub fn cell(&self, column: usize) -> Cell<'a> {
        let Some(at) = self.at(column) else {
            return Cell::Empty;
        };
        let value = self.table.values[at];
        match self.table.tags[at] & 15 {
            TEXT => Cell::Text(self.piece(value)),
            NUMBER => Cell::Number(f64::from_bits(value)),
            DATETIME => Cell::DateTime(f64::from_bits(value)),
            BOOL => Cell::Bool(value != 0),
            ERROR => Cell::Error(self.piece(value)),
            FORMULA => Cell::FormulaWithoutValue,
            _ => Cell::Empty,
        }
    }

    pub fn class(&self, column: usize) -> NumberClass {
        match self.at(column).map(|at| self.table.tags[at] >> 4) {
            Some(1) => NumberClass::Date,
            Some(2) => NumberClass::Time,
            Some(3) => NumberClass::Duration,
            Some(4) => NumberClass::Percent,
            Some(5) => NumberClass::Currency,
            Some(6) => NumberClass::Text,
            _ => NumberClass::General,
        }
    }

    /// The row's cells up to its last filled one.
    pub fn cells(self) -> impl DoubleEndedIterator<Item = Cell<'a>> + ExactSizeIterator {
        let length = self.table.rows[self.index].end as usize - self.table.row_start(self.index);
        (0..length).map(move |column| self.cell(column))
    }

    /// Cells that hold more than white space.
    pub fn filled(self) -> usize {
        self.cells().filter(|cell| !cell.is_blank()).count()
    }

    fn at(&self, column: usize) -> Option<usize> {
        let at = self.table.row_start(self.index) + column;
        (at < self.table.rows[self.index].end as usize).then_some(at)
    }

    fn piece(&self, value: u64) -> &'a str {
        let (from, to) = place(value);
        &self.table.text[from..to]
    }
}

fn place(value: u64) -> (usize, usize) {
    let start = (value & 0xffff_ffff) as usize;
    (start, start + (value >> 32) as usize)
}
