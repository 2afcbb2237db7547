//! Undo and redo: new operations with the inverse patch, applied only where a field still holds
//! what the operation wrote, and a record is taken away only where nothing of others goes with it;
//! the rest is listed, never overwritten.

use std::collections::HashSet;
use std::sync::Arc;

use ketu_model::entity::Root;
use ketu_model::field::{FieldKey, FieldType};
use ketu_model::{EntityDef, Fields, TxId, Value};
use rusqlite::{OptionalExtension, named_params};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::dependents::Dependents;
use super::log::DELETED;
use super::{Door, known_entity};
use crate::error::{Result, StoreError};
use crate::history::LogRow;
use crate::read::StoredRecord;

/// A field, or with an empty key a whole record, that was changed again or built upon since and stayed as it is.
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
    /// Takes back the latest step, or the given transaction, once. One that was undone and done again
    /// stands again.
    pub fn undo(&mut self, tx: Option<TxId>) -> Result<TakenBack> {
        let tx = match tx {
            Some(tx) => Some(self.reader().standing(tx)?.unwrap_or(tx)),
            None => None,
        };
        let step = self.next(include_str!("../sql/next_undo.sql"), tx)?;
        self.take_back(step.ok_or(StoreError::NothingToUndo)?, "undo")
    }

    /// Does again what the latest undo took back. With a transaction, only where that undo is it or took
    /// it back.
    pub fn redo(&mut self, tx: Option<TxId>) -> Result<TakenBack> {
        let step = self.next(include_str!("../sql/next_redo.sql"), None)?;
        let step = step.ok_or(StoreError::NothingToRedo)?;
        if let Some(tx) = tx
            && tx != step.tx
            && Some(tx) != self.taken_back_by(&step)?
        {
            return Err(StoreError::NothingToRedo);
        }
        self.take_back(step, "redo")
    }

    fn next(&self, next: &str, tx: Option<TxId>) -> Result<Option<Next>> {
        let mut statement = self.connection.prepare_cached(next)?;
        let step = statement.query_row(named_params! { ":tx_id": tx.map(|tx| tx.0) }, |row| {
            Ok(Next {
                seq: row.get("seq")?,
                tx: TxId(row.get("tx_id")?),
                of: row.get("of_seq")?,
                last_seq: row.get("last_seq")?,
            })
        });
        Ok(step.optional()?)
    }

    fn taken_back_by(&self, step: &Next) -> Result<Option<TxId>> {
        let mut statement = self
            .connection
            .prepare_cached("select tx_id from step where seq = ?1")?;
        let tx = statement.query_row([step.of], |row| row.get("tx_id"));
        Ok(tx.optional()?.map(TxId))
    }

    fn take_back(&mut self, step: Next, kind: &'static str) -> Result<TakenBack> {
        let Next { seq, tx: of, .. } = step;
        self.write.origin = format!("{kind}:{of}");
        let operations = self.reader().operations_of(of)?;
        let mut kept = Vec::new();
        let mut asked = Asked::default();
        self.taking_back = true;
        let mut waiting = Vec::new();
        for operation in operations.iter().rev().filter(|op| op.carrier.is_none()) {
            let logged = self.last_op;
            if !self.invert(operation, &step, &mut asked, &mut kept)? {
                waiting.push(operation);
            } else if self.last_op != logged {
                // What a transfer took along comes back with it.
                self.carrier = Some(self.last_op);
                let carried = |op: &&LogRow| op.carrier == Some(operation.op);
                for carried in operations.iter().rev().filter(carried) {
                    self.invert(carried, &step, &mut asked, &mut kept)?;
                }
                self.carrier = None;
            }
        }
        // What stood in the way may have gone since.
        loop {
            let before = waiting.len();
            let mut blocked = Vec::new();
            for operation in waiting {
                if !self.invert(operation, &step, &mut asked, &mut kept)? {
                    blocked.push(operation);
                }
            }
            waiting = blocked;
            if waiting.len() == before {
                break;
            }
        }
        for operation in waiting {
            kept.push(Kept {
                entity: operation.entity.clone().into(),
                id: operation.record,
                field: String::new(),
            });
        }
        self.taking_back = false;
        let mut mark = self
            .connection
            .prepare_cached("update step set taken_back = 1 where seq = ?1")?;
        mark.execute([seq])?;
        drop(mark);
        self.note_step(kind, Some(seq))?;
        Ok(TakenBack { of, kept })
    }

    /// Does the opposite of one operation. Not where it would take away a record that others still need: then
    /// nothing is done and the answer is no.
    fn invert(
        &mut self,
        operation: &LogRow,
        step: &Next,
        asked: &mut Asked,
        kept: &mut Vec<Kept>,
    ) -> Result<bool> {
        let catalog = Arc::clone(&self.catalog);
        let Ok(entity) = known_entity(&catalog, &operation.entity) else {
            return Ok(true);
        };
        let keep = |field: &str| Kept {
            entity: entity.key.clone(),
            id: operation.record,
            field: field.to_owned(),
        };
        let Some(current) = self.get(&entity.key, operation.record)? else {
            kept.push(keep(""));
            return Ok(true);
        };
        let outcome = match operation.kind.as_str() {
            "create"
                if !asked.keep_something_of(current.id)
                    && holds_what_was_made(entity, &current, &operation.patch)
                    && !self.was_renumbered(entity, &current, operation)? =>
            {
                if self.is_needed(&mut asked.dependents, entity, &current, None)? {
                    return Ok(false);
                }
                self.set_deleted(&entity.key, current.id, Some(self.now))
            }
            "create" => {
                kept.push(keep(""));
                return Ok(true);
            }
            "merge" | "split" => {
                if !self.take_joint_back(entity, &current, operation)? {
                    kept.push(keep(""));
                }
                return Ok(true);
            }
            "delete" | "restore" => {
                let (old, new) = change(&operation.patch, DELETED);
                if current.deleted_at != new.as_i64() {
                    // Somebody brought it back since, so that it is not taken away as what the step made.
                    if operation.kind == "delete" && current.deleted_at.is_none() {
                        asked.stays.insert((operation.record, DELETED.to_owned()));
                    }
                    kept.push(keep(DELETED));
                    return Ok(true);
                }
                // Back to the recycle bin: not with what was done since the record came out of it.
                let since = Some(step.last_seq);
                if old.is_i64()
                    && (self.changed_since(current.id, step.last_seq)?
                        || self.is_needed(&mut asked.dependents, entity, &current, since)?)
                {
                    return Ok(false);
                }
                self.set_deleted(&entity.key, current.id, old.as_i64())
            }
            _ => {
                let mut back = Fields::new();
                for key in operation.patch.keys() {
                    // A field of one's own that is archived or removed by now.
                    let Some(field) = entity.field(key) else {
                        kept.push(keep(key));
                        continue;
                    };
                    let place = (operation.record, key.clone());
                    let (old, new) = change(&operation.patch, key);
                    let (old, new) = (
                        Value::from_json(&field.kind, old),
                        Value::from_json(&field.kind, new),
                    );
                    match (old, new) {
                        (Some(old), Some(new))
                            if *current.fields.value(key) == new
                                && !asked.stays.contains(&place)
                                && !self.would_hide(entity, &current, key, &old, step)? =>
                        {
                            back.set(field.key.clone(), old);
                        }
                        _ => {
                            kept.push(keep(key));
                            asked.stays.insert(place);
                        }
                    }
                }
                self.update(&entity.key, current.id, back)
            }
        };
        match outcome {
            Ok(_) => Ok(true),
            // The old value is not possible any more, e.g. a number that another record took.
            Err(StoreError::Invalid(errors)) => {
                kept.extend(errors.iter().map(|error| keep(&error.field)));
                Ok(true)
            }
            Err(error) => Err(error),
        }
    }

    /// Whether somebody gave a record another number than it was made with. A provisional one is replaced without
    /// anybody's doing.
    fn was_renumbered(
        &self,
        entity: &EntityDef,
        current: &StoredRecord,
        creation: &LogRow,
    ) -> Result<bool> {
        let Some((field, _)) = entity.auto_number() else {
            return Ok(false);
        };
        let made = Value::from_json(&field.kind, change(&creation.patch, &field.key).1);
        Ok(made.as_ref() != Some(current.fields.value(&field.key))
            && self.changed_since(current.id, creation.local_seq)?)
    }

    /// Whether an old value would put what others did since out of sight: below a customer that is removed by
    /// now, or with a field of one's own that was archived.
    fn would_hide(
        &self,
        entity: &EntityDef,
        current: &StoredRecord,
        key: &str,
        old: &Value,
        step: &Next,
    ) -> Result<bool> {
        if entity.key == "field_definition" && key == "archived" {
            return Ok(*old == Value::Bool(true) && self.has_values(current, Some(step.last_seq))?);
        }
        let (Root::Of(home), Value::Id(id)) = (&entity.root, old) else {
            return Ok(false);
        };
        let target = entity.field(home).and_then(|field| field.target());
        let Some(target) = target.filter(|_| home == key) else {
            return Ok(false);
        };
        Ok(!self.is_living(target, *id)?
            && (self.changed_since(*id, step.last_seq)?
                || self.changed_since(current.id, step.last_seq)?))
    }
}

/// What one undo found out so far.
#[derive(Default)]
struct Asked {
    dependents: Dependents,
    /// Fields that stay as they are: what the same step did to them before stays as well.
    stays: HashSet<(Uuid, String)>,
}

impl Asked {
    /// Whether something that the step did to a record stays: then the record does, although a later step may have given
    /// it the very values that it was made with.
    fn keep_something_of(&self, record: Uuid) -> bool {
        self.stays.iter().any(|(id, _)| *id == record)
    }
}

/// The step that is taken back.
struct Next {
    seq: i64,
    tx: TxId,
    /// What it took back itself.
    of: Option<i64>,
    /// Its last row of the log.
    last_seq: i64,
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
            // Of numbers other things count.
            if matches!(field.kind, FieldType::AutoNumber { .. }) {
                return true;
            }
            let made = Value::from_json(&field.kind, change(patch, &field.key).1);
            made.as_ref() == Some(current.fields.value(&field.key))
        })
}
