//! After an upgrade: what an older version parked has a place now (docs/sync-protocol.md §5.7).

use std::collections::BTreeMap;
use std::sync::Arc;

use ketu_model::{Catalog, EntityDef};
use rusqlite::types::Value as Sql;
use serde_json::Value as Json;
use uuid::Uuid;

use super::{Change, Door, Write};
use crate::columns::{derived_columns, push_derived, to_sql};
use crate::error::Result;
use crate::history::json;
use crate::store::Store;
use crate::sync::{RecordWrite, Seal, ServerRow, SyncWrites, shaped};

/// Where it stands for which catalog the parked values were looked through.
const KEY: &str = "taken_up";

impl Store {
    /// Gives parked records and values their places, where the catalog has more than when that was last done.
    pub(crate) fn take_up(&self) -> Result<()> {
        let known = fingerprint(&Catalog::core());
        if self.read(|reader| reader.meta(KEY))?.as_ref() == Some(&known) {
            return Ok(());
        }
        self.transact(Write::confirmed(), |door| {
            door.take_up_records()?;
            let catalog = Arc::clone(&door.catalog);
            for entity in &catalog.entities {
                door.take_up_values(entity)?;
            }
            door.set_meta(KEY, &known)
        })?;
        Ok(())
    }
}

impl Door<'_> {
    fn take_up_records(&mut self) -> Result<()> {
        let mut parked = self
            .connection
            .prepare_cached("select id, sum, row from parked")?;
        let rows = parked.query_map([], |row| {
            Ok((json::<ServerRow>(row, "row")?, row.get("sum")?))
        })?;
        let rows: Vec<(ServerRow, Seal)> = rows.collect::<Result<_, _>>()?;
        drop(parked);
        for (row, seal) in rows {
            if self.catalog.entity(&row.entity).is_none() {
                continue;
            }
            let mut place = self
                .connection
                .prepare_cached("delete from parked where id = ?1")?;
            place.execute([row.id])?;
            drop(place);
            self.write_sync(SyncWrites {
                records: vec![RecordWrite {
                    id: row.id,
                    confirmed: Some((row.clone(), seal)),
                    shown: Some(row),
                    purged: false,
                }],
                ..SyncWrites::default()
            })?;
        }
        Ok(())
    }

    /// Values that stand in the JSON column and have a column of their own by now.
    fn take_up_values(&mut self, entity: &EntityDef) -> Result<()> {
        let sql = format!(
            "select id, custom from {} where custom is not null",
            entity.key
        );
        let mut find = self.connection.prepare(&sql)?;
        let mut rows = find.query([])?;
        let mut waiting: Vec<(Uuid, BTreeMap<String, Json>)> = Vec::new();
        while let Some(row) = rows.next()? {
            let custom: BTreeMap<String, Json> = json(row, "custom")?;
            if custom.keys().any(|key| is_core(entity, key)) {
                waiting.push((row.get("id")?, custom));
            }
        }
        for (id, custom) in waiting {
            let current = self.existing(entity, id)?;
            let shaped = shaped(entity, custom);
            let mut sets = vec![(
                "custom".to_owned(),
                shaped.custom.map_or(Sql::Null, Sql::Text),
            )];
            let mut changed = ketu_model::Fields::new();
            for (key, value) in shaped.fields {
                // What somebody wrote here since is the later one.
                let Some(field) = entity.field(&key).filter(|field| !field.custom) else {
                    continue;
                };
                if !current.fields.value(&key).is_null() {
                    continue;
                }
                sets.push((key.to_string(), to_sql(&value)));
                let mut contents = Vec::new();
                push_derived(field, &value, &mut contents);
                sets.extend(derived_columns(field).zip(contents));
                changed.set(key, value);
            }
            if changed.is_empty() {
                continue;
            }
            let row = self.rewrite(entity, &current, current.row, sets, &changed)?;
            self.note(Change {
                entity: entity.key.clone(),
                id,
                old_row: Some(current.row),
                row,
                settled: false,
            })?;
        }
        Ok(())
    }
}

fn is_core(entity: &EntityDef, key: &str) -> bool {
    entity.field(key).is_some_and(|field| !field.custom)
}

/// Changes with every entity and every core field.
fn fingerprint(catalog: &Catalog) -> String {
    let mut hasher = blake3::Hasher::new();
    for entity in &catalog.entities {
        for field in entity.core_fields() {
            hasher.update(format!("{}.{}\n", entity.key, field.key).as_bytes());
        }
    }
    hasher.finalize().to_hex()[..16].to_owned()
}
