//! Numbers of a laptop that has a server (docs/sync-protocol.md §4.10): it gives them from blocks that the server lent it.
//! Where a block runs out a provisional number stands in, until the next contact brings another block.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use chrono::Datelike;
use ketu_model::clock::local_date;
use ketu_model::field::FieldDef;
use ketu_model::{EntityDef, Fields, Value, series};
use uuid::Uuid;

use super::{Door, Write};
use crate::error::{Result, StoreError};
use crate::read::Reader;
use crate::store::Store;

/// Numbers of a block.
const BLOCK: i64 = 100;
/// The most that is asked for at once.
const MOST: i64 = 10_000;
/// Where edits come from that put a number in the place of a provisional one.
pub(crate) const ORIGIN: &str = "number";

/// Numbers that were lent and not given, the next and the last of each block.
type Blocks = Vec<(i64, i64)>;

/// What the open transaction knows of the numbers lent to this laptop.
#[derive(Debug, Default)]
pub(super) struct Leases {
    /// By series; those that this transaction met.
    blocks: BTreeMap<String, Blocks>,
    /// Series whose blocks are not as the file has them.
    changed: HashSet<String>,
    /// Numbers that come later in the same transaction.
    expected: HashSet<String>,
}

impl Write {
    /// Puts numbers in the place of provisional ones. Nobody undoes it.
    pub fn numbering(author: Uuid) -> Self {
        Self {
            origin: ORIGIN.to_owned(),
            ..Self::form(author, ORIGIN)
        }
    }
}

impl Store {
    /// Keeps numbers that the server lent: `count` of a series such as `CUST-2026`, from `first` on.
    pub fn grant_lease(&self, series: &str, first: i64, count: i64) -> Result<()> {
        self.transact(Write::confirmed(), |door| {
            let mut grant = door.connection.prepare_cached(
                "insert or replace into lease (series, next, last) values (?1, ?2, ?3)",
            )?;
            grant.execute((series, first, first + count - 1))?;
            Ok::<_, StoreError>(())
        })?;
        Ok(())
    }
}

impl Reader<'_> {
    /// What to ask the server for: series of which less than half a block is left, and how many numbers. In December the
    /// next year's as well.
    pub fn leases_wanted(&self, now: i64) -> Result<Vec<(String, i64)>> {
        let mut wanted = Vec::new();
        if self.sync_state()?.is_none() {
            return Ok(wanted);
        }
        let today = local_date(now);
        let coming = (today.month() == 12).then(|| today.year() + 1);
        for entity in &self.catalog.entities {
            let Some((field, prefix)) = entity.auto_number() else {
                continue;
            };
            for year in [today.year() - 1, today.year()].into_iter().chain(coming) {
                let series = series::name(prefix, year);
                let waiting = self.provisional(entity, field, &series, None)?.len();
                let waiting = i64::try_from(waiting).unwrap_or(MOST);
                let left: i64 = self
                    .blocks(&series)?
                    .iter()
                    .map(|(next, last)| last - next + 1)
                    .sum();
                let missing = waiting - left;
                // Of a year that is over only what is missing.
                let count = match year < today.year() {
                    true => missing,
                    false if 2 * -missing >= BLOCK => 0,
                    false => BLOCK + waiting,
                };
                if count > 0 {
                    wanted.push((series, count.min(MOST)));
                }
            }
        }
        Ok(wanted)
    }

    fn blocks(&self, series: &str) -> Result<Blocks> {
        let sql = "select next, last from lease where series = ?1 order by last";
        let mut read = self.connection.prepare_cached(sql)?;
        let blocks = read.query_map([series], |row| Ok((row.get("next")?, row.get("last")?)))?;
        Ok(blocks.collect::<Result<_, _>>()?)
    }

    /// Records that this laptop's people made with a provisional number of a series, and that nobody tried to number yet:
    /// what was refused once is not tried for ever.
    fn provisional(
        &self,
        entity: &EntityDef,
        field: &FieldDef,
        series: &str,
        author: Option<Uuid>,
    ) -> Result<Vec<Uuid>> {
        let sql = format!(
            "select id from {0} where {1} >= ?1 and {1} < ?2 and deleted_at is null \
             and created_by = coalesce(?3, created_by) and not exists (\
             select 1 from log where log.record = {0}.id and log.origin = ?4 and log.state <> 'history')",
            entity.key, field.key
        );
        let mut find = self.connection.prepare_cached(&sql)?;
        let (from, to) = series::provisional_range(series);
        let ids = find.query_map((from, to, author, ORIGIN), |row| row.get("id"))?;
        Ok(ids.collect::<Result<_, _>>()?)
    }
}

impl Door<'_> {
    /// The next number of a series that was lent, if one is left.
    pub(super) fn next_leased(
        &mut self,
        entity: &EntityDef,
        field: &FieldDef,
        name: &str,
    ) -> Result<Option<String>> {
        let is_new = !self.leases.blocks.contains_key(name);
        if is_new {
            let blocks = self.reader().blocks(name)?;
            self.leases.blocks.insert(name.to_owned(), blocks);
        }
        let sql = format!("select 1 from {} where {} = ?1", entity.key, field.key);
        let mut given = self.connection.prepare_cached(&sql)?;
        while let Some(number) = self.leases.take(name) {
            let number = series::number(name, number);
            // Somebody typed it, or it was given before a backup was restored.
            if !self.leases.expected.contains(&number) && !given.exists([&number])? {
                return Ok(Some(number));
            }
        }
        Ok(None)
    }

    /// A number that stands in for one of the series; no other laptop gives the same.
    pub(super) fn next_provisional(&mut self, name: &str) -> Result<String> {
        let laptop = self.capture.incarnation.unwrap_or_default();
        let count = self.next_in(&series::provisional_series(name, laptop))?;
        Ok(series::provisional(name, laptop, count))
    }

    pub(super) fn expect_number(&mut self, number: &str) {
        if self.capture.incarnation.is_some() {
            self.leases.expected.insert(number.to_owned());
        }
    }

    /// Puts numbers that were lent in the place of provisional ones, which stay findable as former numbers. Says how many.
    /// The transaction is one of [`Write::numbering`].
    pub fn replace_provisional_numbers(&mut self) -> Result<u32> {
        let catalog = Arc::clone(&self.catalog);
        let year = local_date(self.now).year();
        let mut replaced = 0;
        for entity in &catalog.entities {
            let Some((field, prefix)) = entity.auto_number() else {
                continue;
            };
            for year in year - 1..=year {
                let name = series::name(prefix, year);
                let author = self.write.author;
                for id in self.reader().provisional(entity, field, &name, author)? {
                    let Some(number) = self.next_leased(entity, field, &name)? else {
                        break;
                    };
                    let patch = Fields::new().with(field.key.clone(), Value::Text(number));
                    replaced += u32::from(self.update(&entity.key, id, patch)?);
                }
            }
        }
        Ok(replaced)
    }

    /// Writes what is left of the blocks that this transaction gave numbers from.
    pub(crate) fn write_leases(&mut self) -> Result<()> {
        for name in std::mem::take(&mut self.leases.changed) {
            let mut clear = self
                .connection
                .prepare_cached("delete from lease where series = ?1")?;
            clear.execute([&name])?;
            let mut keep = self
                .connection
                .prepare_cached("insert into lease (series, next, last) values (?1, ?2, ?3)")?;
            for (next, last) in self.leases.blocks.get(&name).into_iter().flatten() {
                keep.execute((&name, next, last))?;
            }
        }
        Ok(())
    }
}

impl Leases {
    fn take(&mut self, name: &str) -> Option<i64> {
        let blocks = self.blocks.get_mut(name)?;
        let (next, last) = blocks.first_mut()?;
        let number = *next;
        *next += 1;
        if *next > *last {
            blocks.remove(0);
        }
        if !self.changed.contains(name) {
            self.changed.insert(name.to_owned());
        }
        Some(number)
    }
}
