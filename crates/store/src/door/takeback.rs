//! Undo and redo: new operations with the inverse patch, applied only where a field still holds
//! what the operation wrote; the rest is listed, never overwritten.

use std::sync::Arc;

use ketu_model::field::FieldKey;
use ketu_model::{EntityDef, Fields, TxId, Value};
use rusqlite::{OptionalExtension, named_params};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::log::DELETED;
use super::{Door, known_entity};
use crate::error::{Result, StoreError};
use crate::read::{LogRow, StoredRecord};

/// A field, or with an empty key a whole record, that was changed again since and stayed as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub entity: FieldKey,
    pub id: Uuid,
    pub field: String,
}

/// What an undo or redo did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenBack {
    /// The transaction that was taken back.
    pub of: TxId,
    pub kept: Vec<Kept>,
}

impl Door<'_> {
    /// Takes back the latest step, or the given transaction, once.
    pub fn undo(&mut self, tx: Option<TxId>) -> Result<TakenBack> {
        self.take_back(include_str!("../sql/next_undo.sql"), "undo", tx)
    }

    /// Does again what the latest undo took back.
    pub fn redo(&mut self) -> Result<TakenBack> {
        self.take_back(include_str!("../sql/next_redo.sql"), "redo", None)
    }

    fn take_back(&mut self, next: &str, kind: &'static str, tx: Option<TxId>) -> Result<TakenBack> {
        let step = self
            .connection
            .prepare_cached(next)?
            .query_row(named_params! { ":tx_id": tx.map(|tx| tx.0) }, |row| {
                Ok((row.get::<_, i64>("seq")?, row.get::<_, Uuid>("tx_id")?))
            })
            .optional()?;
        let (seq, of) = step.ok_or(StoreError::NothingToUndo)?;
        self.write.origin = format!("{kind}:{of}");
        let operations = self.reader().operations_of(TxId(of))?;
        let mut kept = Vec::new();
        self.taking_back = true;
        for operation in operations.iter().rev() {
            self.invert(operation, &mut kept)?;
        }
        self.taking_back = false;
        let mut mark = self
            .connection
            .prepare_cached("update step set taken_back = 1 where seq = ?1")?;
        mark.execute([seq])?;
        drop(mark);
        self.note_step(kind, Some(seq))?;
        Ok(TakenBack { of: TxId(of), kept })
    }

    fn invert(&mut self, operation: &LogRow, kept: &mut Vec<Kept>) -> Result<()> {
        let catalog = Arc::clone(&self.catalog);
        let Ok(entity) = known_entity(&catalog, &operation.entity) else {
            return Ok(());
        };
        let keep = |field: &str| Kept {
            entity: entity.key.clone(),
            id: operation.record,
            field: field.to_owned(),
        };
        let Some(current) = self.get(&entity.key, operation.record)? else {
            kept.push(keep(""));
            return Ok(());
        };
        let outcome = match operation.kind.as_str() {
            "create" if holds_what_was_made(entity, &current, &operation.patch) => {
                self.set_deleted(&entity.key, current.id, Some(self.now))
            }
            "create" => {
                kept.push(keep(""));
                return Ok(());
            }
            "delete" | "restore" => {
                let (old, new) = change(&operation.patch, DELETED);
                if current.deleted_at == new.as_i64() {
                    self.set_deleted(&entity.key, current.id, old.as_i64())
                } else {
                    kept.push(keep(DELETED));
                    return Ok(());
                }
            }
            _ => {
                let mut back = Fields::new();
                for key in operation.patch.keys() {
                    // A field of one's own that is archived or removed by now.
                    let Some(field) = entity.field(key) else {
                        kept.push(keep(key));
                        continue;
                    };
                    let (old, new) = change(&operation.patch, key);
                    let (old, new) = (
                        Value::from_json(&field.kind, old),
                        Value::from_json(&field.kind, new),
                    );
                    match (old, new) {
                        (Some(old), Some(new)) if *current.fields.value(key) == new => {
                            back.set(field.key.clone(), old);
                        }
                        _ => kept.push(keep(key)),
                    }
                }
                self.update(&entity.key, current.id, back)
            }
        };
        match outcome {
            Ok(_) => Ok(()),
            // The old value is not possible any more, e.g. a number that another record took.
            Err(StoreError::Invalid(errors)) => {
                kept.extend(errors.iter().map(|error| keep(&error.field)));
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}

fn change<'p>(patch: &'p Map<String, Json>, key: &str) -> (&'p Json, &'p Json) {
    static NULL: Json = Json::Null;
    match patch.get(key).and_then(Json::as_array).map(Vec::as_slice) {
        Some([old, new]) => (old, new),
        _ => (&NULL, &NULL),
    }
}

/// Whether a record is exactly what its creation wrote.
fn holds_what_was_made(
    entity: &EntityDef,
    current: &StoredRecord,
    patch: &Map<String, Json>,
) -> bool {
    current.deleted_at.is_none()
        && entity.fields.iter().all(|field| {
            let made = Value::from_json(&field.kind, change(patch, &field.key).1);
            made.as_ref() == Some(current.fields.value(&field.key))
        })
}
