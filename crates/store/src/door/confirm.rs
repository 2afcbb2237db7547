//! The confirmed mode: the server's state of a record, with this laptop's pending edits kept on top.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ketu_model::clock::Hlc;
use ketu_model::entity::Root;
use ketu_model::{EntityDef, Fields, Value};
use rusqlite::types::Value as Sql;
use uuid::Uuid;

use super::{Change, Door, Mode, Prepared, known_entity};
use crate::error::{Result, StoreError};

/// A record as the server holds it.
#[derive(Debug, Clone)]
pub struct ConfirmedRecord {
    pub entity: String,
    pub id: Uuid,
    pub root: Uuid,
    pub rev: i64,
    pub hlc: Hlc,
    pub author: Option<Uuid>,
    pub deleted_at: Option<i64>,
    pub fields: Fields,
}

impl Door<'_> {
    /// Takes over the server's state. An older revision than the one here changes nothing.
    pub fn confirm(&mut self, record: ConfirmedRecord) -> Result<()> {
        debug_assert_eq!(
            self.write.mode,
            Mode::Confirmed,
            "only the confirmed mode sets revisions"
        );
        let catalog = Arc::clone(&self.catalog);
        let entity = known_entity(&catalog, &record.entity)?;
        let mut fields = shaped(entity, record.fields)?;
        let current = self.get(&entity.key, record.id)?;
        if current
            .as_ref()
            .is_some_and(|current| current.rev > record.rev)
        {
            return Ok(());
        }
        // Numbers given elsewhere are not given here again.
        self.note_number(entity, &fields)?;
        let pending = self.reader().pending_keys(record.id)?;
        let written_at = record.hlc.millis();
        let written_by = record
            .author
            .map_or(Sql::Null, |id| Sql::Blob(id.as_bytes().to_vec()));
        let mut sets = vec![
            ("rev".to_owned(), Sql::Integer(record.rev)),
            ("hlc".to_owned(), Sql::Integer(record.hlc.0)),
            ("author".to_owned(), written_by.clone()),
            ("updated_at".to_owned(), Sql::Integer(written_at)),
            ("updated_by".to_owned(), written_by),
        ];
        let (old_row, row) = match &current {
            None => {
                sets.push(("created_at".to_owned(), Sql::Integer(written_at)));
                let made = Prepared::as_it_is(entity, fields.clone());
                (
                    None,
                    self.insert_row(entity, record.id, record.root, record.hlc, &made)?,
                )
            }
            Some(current) => {
                // What is pending here stays until the server has answered it.
                for key in &pending {
                    fields.remove(key);
                }
                for field in &entity.fields {
                    let gone =
                        !fields.contains(&field.key) && !pending.contains(field.key.as_ref());
                    if gone && !current.fields.value(&field.key).is_null() {
                        fields.set(field.key.clone(), Value::Null);
                    }
                }
                // A pending move to another root is pending as a whole.
                let root = match &entity.root {
                    Root::Of(key) if pending.contains(key.as_ref()) => current.root,
                    _ => record.root,
                };
                if !pending.is_empty() {
                    // The latest edit is the one that waits here.
                    sets.retain(|(column, _)| !column.starts_with("updated_"));
                    let by = current
                        .updated_by
                        .map_or(Sql::Null, |id| Sql::Blob(id.as_bytes().to_vec()));
                    sets.push(("updated_at".to_owned(), Sql::Integer(current.updated_at)));
                    sets.push(("updated_by".to_owned(), by));
                }
                let row =
                    self.update_row(entity, current, current.row, root, record.hlc, &fields)?;
                (Some(current.row), row)
            }
        };
        if !pending.contains(super::log::DELETED) {
            sets.push((
                "deleted_at".to_owned(),
                record.deleted_at.map_or(Sql::Null, Sql::Integer),
            ));
        }
        let (_, versions) = self.side_columns(entity, record.id)?;
        sets.push((
            "versions".to_owned(),
            pending_versions(versions.as_deref(), &pending),
        ));
        self.set(entity, record.id, sets)?;
        self.known.insert(record.id);
        self.note(Change {
            entity: entity.key.clone(),
            id: record.id,
            old_row,
            row,
        })?;
        Ok(())
    }
}

/// The values as they came, in the shape that their columns take. Whether they are valid is for
/// the server and for whoever edits them next: a pull never stops at a rule of this laptop.
fn shaped(entity: &EntityDef, fields: Fields) -> Result<Fields> {
    let mut out = Fields::with_capacity(fields.len());
    for (key, value) in fields {
        let Some(field) = entity.field(&key) else {
            return Err(StoreError::UnknownField {
                entity: entity.key.to_string(),
                field: key.into_owned(),
            });
        };
        let value = Value::from_json(&field.kind, &value.to_json()).ok_or_else(|| {
            StoreError::Malformed {
                entity: entity.key.to_string(),
                field: key.to_string(),
            }
        })?;
        out.set(key, value);
    }
    Ok(out)
}

/// Overrides of fields that still wait for the server; the record's own version covers the rest.
fn pending_versions(versions: Option<&str>, pending: &BTreeSet<String>) -> Sql {
    let mut versions: BTreeMap<String, super::rows::FieldVersion> = versions
        .and_then(|json| serde_json::from_str(json).ok())
        .unwrap_or_default();
    versions.retain(|key, _| pending.contains(key));
    if versions.is_empty() {
        return Sql::Null;
    }
    Sql::Text(serde_json::to_string(&versions).expect("versions are plain data"))
}
