//! Rows read while their file still is: the reading process has one core, the rows' cells the other.

use chrono::NaiveDate;
use ketu_sheet::Table;

use super::{Chunk, Layout, Lookup, Rows};

/// What was read so far.
#[derive(Debug)]
pub struct Ahead<'a> {
    layout: &'a Layout,
    lookup: &'a Lookup,
    rows: Rows<'a>,
    /// The header's last row, as the file numbers it.
    header: u32,
    /// The next place of the table to be read.
    next: usize,
    /// The row read last, as the file numbers it.
    last: u32,
    /// Rows came out of order: the whole table will be sorted, and places change.
    disordered: bool,
    chunk: Chunk,
}

impl<'a> Ahead<'a> {
    pub fn new(layout: &'a Layout, lookup: &'a Lookup, today: NaiveDate, header: u32) -> Self {
        Self {
            layout,
            lookup,
            rows: Rows::new(layout, lookup, today),
            header,
            next: 0,
            last: 0,
            disordered: false,
            chunk: Chunk::default(),
        }
    }

    /// Reads the rows that came since the last call.
    pub fn read(&mut self, table: &Table) {
        while let Some(row) = table.row(self.next) {
            let at = u32::try_from(self.next).expect("rows are counted in 32 bits");
            self.next += 1;
            self.disordered |= row.number() <= self.last;
            self.last = row.number();
            if self.disordered {
                return;
            }
            if row.number() > self.header {
                let records = self.rows.read(row);
                self.chunk.take(at, records, self.layout, self.lookup);
            }
        }
    }

    /// What was read of the rows at these places; none where not all of them were.
    pub(super) fn of(self, places: &[u32]) -> Option<Chunk> {
        let mut chunk = self.chunk;
        if self.disordered {
            return None;
        }
        chunk.new_names = self.rows.into_new_names();
        let mut wanted = (0u32..).zip(places).peekable();
        // The number within the chunk that a row keeps: totals below and hidden rows are left out.
        let numbers: Vec<Option<u32>> = chunk
            .keys
            .iter()
            .map(|keys| Some(wanted.next_if(|(_, at)| **at == keys.at)?.0))
            .collect();
        if wanted.peek().is_some() {
            return None;
        }
        let kept = |number: u32| numbers[number as usize];
        let mut number = 0;
        chunk.keys.retain(|_| {
            number += 1;
            kept(number - 1).is_some()
        });
        chunk.faults = std::mem::take(&mut chunk.faults)
            .into_iter()
            .filter_map(|(row, column, fault)| Some((kept(row)?, column, fault)))
            .collect();
        chunk.uses = std::mem::take(&mut chunk.uses)
            .into_iter()
            .filter_map(|(row, name)| Some((kept(row)?, name)))
            .collect();
        Some(chunk)
    }
}
