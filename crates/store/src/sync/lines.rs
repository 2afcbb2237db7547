//! The outbox line by line, as people read it: what one step did very often is one line.

use std::collections::HashSet;

use super::OwnOp;
use crate::error::Result;
use crate::read::Reader;

/// A step with more operations than this is one line of the outbox, as an import is.
pub(super) const MANY: u32 = 50;

/// A line of the outbox: an operation, or many of one step.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The operation; of many, the first.
    pub op: OwnOp,
    pub count: u32,
    /// Whether some of it was never sent.
    pub waits: bool,
}

/// Where a line stands in the log, and how much it stands for.
#[derive(Debug, Clone, Copy)]
struct Spot {
    /// Of its first operation.
    place: i64,
    count: u32,
    waits: bool,
}

impl Reader<'_> {
    /// The outbox, the latest line first: how many lines there are, and some of them. What other operations carry is left
    /// out. Only indexes are read for lines that are not asked for.
    pub fn outbox(&self, offset: usize, limit: usize) -> Result<(u32, Vec<Line>)> {
        let spots = self.outbox_spots()?;
        let mut lines = Vec::new();
        for spot in spots.iter().skip(offset).take(limit) {
            let ops = self.ops(include_str!("../sql/op_at.sql"), [spot.place])?;
            lines.extend(ops.into_iter().map(|op| Line {
                op,
                count: spot.count,
                waits: spot.waits,
            }));
        }
        Ok((u32::try_from(spots.len()).unwrap_or(u32::MAX), lines))
    }

    fn outbox_spots(&self) -> Result<Vec<Spot>> {
        let carried: HashSet<i64> = self.places(include_str!("../sql/places_carried.sql"))?;
        let mut read = self
            .connection
            .prepare_cached(include_str!("../sql/places_unanswered.sql"))?;
        let places = read.query_map([], |row| Ok((row.get("local_seq")?, row.get("waits")?)))?;
        let mut places: Vec<(i64, bool)> = places.collect::<Result<_, _>>()?;
        places.retain(|(place, _)| !carried.contains(place));
        places.sort_unstable();
        let Some((oldest, _)) = places.first().copied() else {
            return Ok(Vec::new());
        };
        let mut steps = self
            .connection
            .prepare_cached(include_str!("../sql/large_steps.sql"))?;
        let steps = steps.query_map((oldest, MANY), |row| {
            Ok((row.get("first_seq")?, row.get("last_seq")?))
        })?;
        let mut steps = steps
            .collect::<Result<Vec<(i64, i64)>, _>>()?
            .into_iter()
            .peekable();
        let mut spots: Vec<Spot> = Vec::with_capacity(places.len());
        // The large step that the latest spot is of.
        let mut open = None;
        for (place, waits) in places {
            while steps.next_if(|(_, last)| *last < place).is_some() {}
            let step = steps.peek().filter(|(first, _)| *first <= place).copied();
            match spots.last_mut().filter(|_| step.is_some() && open == step) {
                Some(spot) => {
                    spot.count += 1;
                    spot.waits |= waits;
                }
                None => spots.push(Spot {
                    place,
                    count: 1,
                    waits,
                }),
            }
            open = step;
        }
        spots.reverse();
        Ok(spots)
    }

    fn places<T: FromIterator<i64>>(&self, sql: &str) -> Result<T> {
        let mut read = self.connection.prepare_cached(sql)?;
        let places = read.query_map([], |row| row.get("local_seq"))?;
        Ok(places.collect::<Result<_, _>>()?)
    }
}
