//! Rows that a restored server forgot (docs/sync-protocol.md §7.7).

use rusqlite::Row;
use uuid::Uuid;

use super::{Seal, ServerRow};
use crate::error::Result;
use crate::history::json;
use crate::read::Reader;

/// Where a row stands among those that are vouched for: whether it hangs below another, then its id.
type Place = (bool, Uuid);

impl Reader<'_> {
    /// The first doubted rows beyond a place, each as the server sent it, with its proof; those without one are left out.
    /// Tables are searched whole: only a restored server asks.
    pub fn doubted(&self, beyond: Place, limit: usize) -> Result<Vec<(ServerRow, u128)>> {
        let most = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut places: Vec<(Place, Option<&str>)> = Vec::new();
        for entity in &self.catalog.entities {
            // A change that waits may have moved it: its place is that of the row as the server sent it.
            let sql = format!(
                "select coalesce(base.row ->> '$.root' <> base.row ->> '$.id', root_id <> {0}.id) as below, {0}.id \
                 from {0} left join base on base.id = {0}.id \
                 where {0}.rev < 0 and length({0}.sum) = 32 and (below, {0}.id) > (?1, ?2) order by 1, 2 limit ?3",
                entity.key
            );
            let mut find = self.connection.prepare(&sql)?;
            let found = find.query_map((beyond.0, beyond.1, most), |row| {
                Ok((row.get("below")?, row.get("id")?))
            })?;
            for place in found {
                places.push((place?, Some(entity.key.as_ref())));
            }
        }
        let mut parked = self.parked_in_doubt()?;
        parked.retain(|(row, _)| place_of(row) > beyond);
        places.extend(parked.iter().map(|(row, _)| (place_of(row), None)));
        places.sort_unstable();
        places.truncate(limit);
        let lookup = self.lookup()?;
        let mut rows = Vec::with_capacity(places.len());
        for ((_, id), entity) in places {
            if entity.is_none() {
                rows.extend(parked.iter().find(|(row, _)| row.id == id).cloned());
                continue;
            }
            let known = lookup.record(id, entity, true)?;
            let proof = known.confirmed.and_then(|(_, seal)| seal.proof);
            rows.extend(known.base.zip(proof));
        }
        Ok(rows)
    }

    /// Doubted rows of kinds that this version does not know.
    fn parked_in_doubt(&self) -> Result<Vec<(ServerRow, u128)>> {
        let mut find = self
            .connection
            .prepare("select sum, row from parked where rev < 0 and length(sum) = 32")?;
        let rows = find.query_map([], |row: &Row<'_>| {
            let seal: Seal = row.get("sum")?;
            Ok((json(row, "row")?, seal.proof.unwrap_or_default()))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn place_of(row: &ServerRow) -> Place {
    (row.root != row.id, row.id)
}
