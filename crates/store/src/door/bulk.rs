//! A write of very many new records: indexes that would be filled in random order, row by row, are
//! taken away first and built anew at the end, sorted. All of it is part of the one transaction, so
//! that whatever ends it early leaves the indexes as they were.

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
    /// Prepares for about `rows` new records of each of these entities. Reads of this transaction stay
    /// right and become slower; uniqueness is still checked by index.
    pub fn expect_many(&mut self, entities: &[&str], rows: u32) -> Result<()> {
        if rows < MANY {
            return Ok(());
        }
        let catalog = std::sync::Arc::clone(&self.catalog);
        let tables = catalog
            .entities
            .iter()
            .filter(|entity| entities.contains(&entity.key.as_ref()));
        for entity in tables {
            let count = format!(
                "select count(*) from (select 1 from {} limit ?1)",
                entity.key
            );
            let limit = rows.saturating_mul(OLD_FOR_EACH_NEW);
            let old: u32 = self
                .connection
                .query_row(&count, [limit], |row| row.get(0))?;
            if old < limit {
                self.take_indexes_away(entity)?;
            }
        }
        Ok(())
    }

    /// Takes away what people's texts and numbers fill in random order. Ids grow as they are given, so
    /// that references are filled at their end, and unique values are looked up while writing.
    fn take_indexes_away(&mut self, entity: &EntityDef) -> Result<()> {
        let mut find = self
            .connection
            .prepare_cached(include_str!("../sql/indexes_of.sql"))?;
        let found = find.query_map([&entity.key], |row| {
            Ok((row.get::<_, String>("name")?, row.get::<_, String>("sql")?))
        })?;
        let found: Vec<(String, String)> = found.collect::<Result<_, _>>()?;
        let random = entity
            .core_fields()
            .filter(|field| !field.unique && field.target().is_none());
        let random: HashSet<String> = random
            .flat_map(|field| {
                let derived = derived_columns(field);
                derived.chain(std::iter::once(field.key.to_string()))
            })
            .map(|column| format!("{}_{column}", entity.key))
            .collect();
        for (name, sql) in found.into_iter().filter(|(name, _)| random.contains(name)) {
            self.connection
                .execute_batch(&format!("drop index {name}"))?;
            self.missing_indexes.push(sql);
        }
        Ok(())
    }

    /// Builds one of the indexes that were taken away; says whether there was one. Those that are
    /// left are built before the transaction commits.
    pub fn build_index(&mut self) -> Result<bool> {
        let Some(sql) = self.missing_indexes.pop() else {
            return Ok(false);
        };
        self.connection.execute_batch(&sql)?;
        Ok(true)
    }
}
