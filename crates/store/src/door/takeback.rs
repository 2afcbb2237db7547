//! Undo and redo: new operations with the inverse patch, applied only where a field still holds
//! what the operation wrote, and a record is taken away only where nothing of others goes with it;
//! the rest is listed, never overwritten.

use std::collections::HashSet;
use std::sync::Arc;

use ketu_model::entity::Root;
use ketu_model::field::{FieldKey, FieldType};
use ketu_model::{EntityDef, Fields, TxId, Value};
use rusqlite::OptionalExtension;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::dependents::Dependents;
use super::log::DELETED;
use super::{Door, known_entity};
use crate::error::{Result, StoreError};
use crate::history::{LogRow, NEXT_REDO, NEXT_UNDO, NextStep};
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
    /// Records that the transaction changed and that are not on this laptop any more: of these nothing was taken back.
    pub gone: usize,
}

impl Door<'_> {
    /// Takes back the latest step, or the given transaction, once. One that was undone and done again
    /// stands again.
    ///
    /// # Errors
    /// [`StoreError::StepGone`] where all that the given transaction changed has left this laptop, so that there is
    /// nothing to take back and nobody is told that it was.
    pub fn undo(&mut self, tx: Option<TxId>) -> Result<TakenBack> {
        let tx = match tx {
            Some(tx) => Some(self.reader().standing(tx)?.unwrap_or(tx)),
            None => None,
        };
        let step = self.reader().next_step(NEXT_UNDO, tx)?;
        match (step, tx) {
            (Some(step), _) => self.take_back(step, "undo"),
            (None, Some(tx)) if self.reader().is_step(NEXT_UNDO, tx)? => Err(StoreError::StepGone),
            (None, _) => Err(StoreError::NothingToUndo),
        }
    }

    /// Does again what the latest undo took back. With a transaction, only where that undo is it or took
    /// it back.
    ///
    /// # Errors
    /// [`StoreError::StepGone`], as for [`Door::undo`].
    pub fn redo(&mut self, tx: Option<TxId>) -> Result<TakenBack> {
        let step = self.reader().next_step(NEXT_REDO, None)?;
        if let Some(tx) = tx {
            let undo = self.undo_of(tx)?.unwrap_or(tx);
            if step.as_ref().is_none_or(|step| step.tx != undo) {
                // An undo whose records left since is passed over, whatever else could be done again.
                let is_gone = self.reader().is_step(NEXT_REDO, undo)?
                    && self.reader().next_step(NEXT_REDO, Some(undo))?.is_none();
                return Err(match is_gone {
                    true => StoreError::StepGone,
                    false => StoreError::NothingToRedo,
                });
            }
        }
        self.take_back(step.ok_or(StoreError::NothingToRedo)?, "redo")
    }

    /// The undo that took a transaction back and stands.
    fn undo_of(&self, tx: TxId) -> Result<Option<TxId>> {
        let mut statement = self
            .connection
            .prepare_cached(include_str!("../sql/undo_of.sql"))?;
        let undo = statement.query_row([tx.0], |row| row.get("tx_id"));
        Ok(undo.optional()?.map(TxId))
    }

    fn take_back(&mut self, step: NextStep, kind: &'static str) -> Result<TakenBack> {
        let NextStep { seq, tx: of, .. } = step;
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
        let gone = gone(&step, &operations, &asked);
        Ok(TakenBack { of, kept, gone })
    }

    /// Does the opposite of one operation. Not where it would take away a record that others still need: then
    /// nothing is done and the answer is no.
    fn invert(
        &mut self,
        operation: &LogRow,
        step: &NextStep,
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
            asked.gone.insert(operation.record);
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
        step: &NextStep,
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
    /// Records that left this laptop, though something of the log waits for a person's eyes.
    gone: HashSet<Uuid>,
}

impl Asked {
    /// Whether something that the step did to a record stays: then the record does, although a later step may have given
    /// it the very values that it was made with.
    fn keep_something_of(&self, record: Uuid) -> bool {
        self.stays.iter().any(|(id, _)| *id == record)
    }
}

/// How many records of a step left this laptop. Their rows went with them, and leave a gap in those of the step.
fn gone(step: &NextStep, operations: &[LogRow], asked: &Asked) -> usize {
    let made = usize::try_from(step.last_seq - step.first_seq + 1).unwrap_or(0);
    let left: HashSet<Uuid> = operations.iter().map(|row| row.record).collect();
    let missing = match made > operations.len() {
        true => usize::try_from(step.records)
            .unwrap_or(0)
            .saturating_sub(left.len())
            .max(1),
        false => 0,
    };
    missing + asked.gone.len()
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
