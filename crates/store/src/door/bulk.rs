//! A write of very many new records: indexes that would be filled in random order, row by row, are
//! taken away first and built anew at the end, sorted; the guards that every single insert would ask are
//! put up again after the last one. All of it is part of the one transaction: nobody else sees the tables
//! without them, and whatever ends it early leaves them as they were.

use std::collections::HashSet;

use ketu_model::EntityDef;

use super::Door;
use crate::columns::derived_columns;
use crate::error::Result;

/// Below this many new rows an index is filled faster than it is built.
const MANY: u32 = 5_000;
/// An index with this many times as many old rows as new ones is filled, not built anew.
const OLD_FOR_EACH_NEW: u32 = 2;

impl Door<'_> {
    /// Prepares for about `rows` new records of each of these entities, most with the fields for which
    /// `fills` holds. Reads of this transaction stay right and become slower; uniqueness is still checked by
    /// index.
    pub fn expect_many(
        &mut self,
        entities: &[&str],
        rows: u32,
        fills: impl Fn(&str, &str) -> bool,
    ) -> Result<()> {
        if rows < MANY {
            return Ok(());
        }
        let catalog = std::sync::Arc::clone(&self.catalog);
        let tables = catalog
            .entities
            .iter()
            .filter(|entity| entities.contains(&entity.key.as_ref()));
        self.take_away("trigger", "log_guard_insert")?;
        for entity in tables {
            self.take_away("trigger", &format!("{}_guard_insert", entity.key))?;
            let count = format!(
                "select count(*) from (select 1 from {} limit ?1)",
                entity.key
            );
            let limit = rows.saturating_mul(OLD_FOR_EACH_NEW);
            let old: u32 = self
                .connection
                .query_row(&count, [limit], |row| row.get(0))?;
            if old < limit {
                self.take_indexes_away(entity, |field| fills(&entity.key, field))?;
            }
        }
        Ok(())
    }

    /// Takes away what people's texts and numbers fill in random order. Ids grow as they are given, so
    /// that references are filled at their end, and unique values are looked up while writing.
    fn take_indexes_away(
        &mut self,
        entity: &EntityDef,
        fills: impl Fn(&str) -> bool,
    ) -> Result<()> {
        let random = entity
            .core_fields()
            .filter(|field| !field.unique && field.target().is_none() && fills(field.key.as_ref()));
        let random: HashSet<String> = random
            .flat_map(|field| {
                let derived = derived_columns(field);
                derived.chain(std::iter::once(field.key.to_string()))
            })
            .map(|column| format!("{}_{column}", entity.key))
            .collect();
        for index in self.indexes_of(entity)? {
            if random.contains(&index) {
                self.take_away("index", &index)?;
            }
        }
        Ok(())
    }

    fn indexes_of(&self, entity: &EntityDef) -> Result<Vec<String>> {
        let mut find = self
            .connection
            .prepare_cached(include_str!("../sql/indexes_of.sql"))?;
        let names = find.query_map([&entity.key], |row| row.get("name"))?;
        Ok(names.collect::<Result<_, _>>()?)
    }

    fn take_away(&mut self, kind: &str, name: &str) -> Result<()> {
        let find = "select sql from sqlite_schema where type = ?1 and name = ?2";
        let mut find = self.connection.prepare_cached(find)?;
        let sql = find.query_row([kind, name], |row| row.get("sql"))?;
        self.connection
            .execute_batch(&format!("drop {kind} {name}"))?;
        self.missing.push(sql);
        Ok(())
    }

    /// Brings back one index or guard that was taken away; says whether there was one. Those that are left
    /// come back before the transaction commits.
    pub fn bring_back(&mut self) -> Result<bool> {
        let Some(sql) = self.missing.pop() else {
            return Ok(false);
        };
        self.connection.execute_batch(&sql)?;
        Ok(true)
    }
}
