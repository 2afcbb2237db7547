//! Records one by one: read, add, change, remove, undo and history.

use ketu_model::authorize::Act;
use ketu_model::field::MergeClass;
use ketu_model::{EntityDef, Fields, RecordId, TxId, Value};
use ketu_store::{Committed, Door, Seen, Step, StoreError, TakenBack};
use ketu_sync::merge;
use uuid::Uuid;

use crate::api::records::{
    AddRecord, FormBase, History, Kept, RecordChange, RecordIds, RecordRef, RecordView,
    RestoreValue, Saved, UndoRequest, UndoState, UndoStep, Undone, UpdateRecord, UpdateRecords,
};
use crate::api::session::Nothing;
use crate::app::{App, not_found};
use crate::error::{AppError, Result};
use crate::present;
use crate::rights::require_role;
use crate::sync::older;

pub(crate) fn get(app: &App, request: RecordRef) -> Result<RecordView> {
    app.read(|reader| {
        let record = reader.get(&request.entity, request.id)?;
        let record = record.ok_or_else(|| not_found(&request.entity, request.id))?;
        present::record(reader, &request.entity, record)
    })
}

pub(crate) fn add(app: &App, request: AddRecord) -> Result<Saved> {
    let committed = app.write("add", |door| {
        let catalog = std::sync::Arc::clone(door.catalog());
        let entity = present::entity(&catalog, &request.entity)?;
        let mut fields = present::fields(entity, request.fields)?;
        crate::interactions::complete(door, &request.entity, &mut fields)?;
        // Typed options and tags are one with what another laptop typed alike.
        let id = match (
            request.entity.as_str(),
            fields.text("list"),
            fields.text("name"),
        ) {
            ("option", Some(list), Some(name)) => Some(ketu_model::ids::option_id(list, name)),
            ("tag", _, Some(name)) => Some(ketu_model::ids::tag_id(name)),
            _ => None,
        };
        if let Some(id) = id
            && let Some(existing) = door.get(&request.entity, id)?
        {
            if existing.deleted_at.is_some() {
                require_role(app, entity, Act::Update, id)?;
                door.restore(&request.entity, id)?;
            }
            return Ok(id);
        }
        require_role(app, entity, Act::Create, id.unwrap_or_default())?;
        Ok(door.create(&request.entity, id, fields)?)
    })?;
    Ok(saved(committed.value, &committed))
}

pub(crate) fn update(app: &App, request: UpdateRecord) -> Result<Saved> {
    let UpdateRecord {
        entity,
        id,
        fields,
        base,
    } = request;
    let changes = vec![RecordChange { id, fields, base }];
    update_many(app, UpdateRecords { entity, changes })
}

pub(crate) fn update_many(app: &App, request: UpdateRecords) -> Result<Saved> {
    let first = request
        .changes
        .first()
        .ok_or_else(|| AppError::refused("nothing_selected"))?
        .id;
    let committed = app.write("update", |door| {
        let catalog = std::sync::Arc::clone(door.catalog());
        let entity = present::entity(&catalog, &request.entity)?;
        for change in request.changes {
            require_role(app, entity, Act::Update, change.id)?;
            let mut patch = present::fields(entity, change.fields)?;
            if let Some(base) = change.base {
                look_back(door, entity, change.id, base, &mut patch)?;
            }
            crate::board::update(door, &request.entity, change.id, patch)?;
        }
        Ok(())
    })?;
    Ok(saved(first, &committed))
}

/// A form that was open while a pull changed its record: lists and long texts become one with what came, as the server
/// would have it; of other fields the edit says what its author saw.
fn look_back(
    door: &mut Door<'_>,
    entity: &EntityDef,
    id: Uuid,
    base: FormBase,
    patch: &mut Fields,
) -> Result<()> {
    let Some(current) = door.get(&entity.key, id)? else {
        return Ok(());
    };
    if base.rev >= current.rev {
        return Ok(());
    }
    let opened_with = present::fields(entity, base.fields)?;
    let mut seen = Fields::new();
    for field in &entity.fields {
        let Some(new) = patch.get(&field.key) else {
            continue;
        };
        let old = opened_with.value(&field.key);
        if matches!(field.merge, MergeClass::Set | MergeClass::Text) {
            let standing = current.fields.value(&field.key);
            let [standing, old, new] = [standing, old, new].map(Value::to_json);
            let merged = merge::replay(field.merge, &standing, &old, &new);
            let merged = Value::from_json(&field.kind, &merged).unwrap_or_default();
            patch.set(field.key.clone(), merged);
        } else {
            seen.set(field.key.clone(), old.clone());
        }
    }
    door.look_back(Seen {
        record: id,
        rev: base.rev,
        fields: seen,
    });
    Ok(())
}

pub(crate) fn remove(app: &App, request: RecordIds) -> Result<Saved> {
    set_removed(app, &request, "remove")
}

pub(crate) fn restore(app: &App, request: RecordIds) -> Result<Saved> {
    set_removed(app, &request, "restore")
}

fn set_removed(app: &App, request: &RecordIds, action: &'static str) -> Result<Saved> {
    let first = *request
        .ids
        .first()
        .ok_or_else(|| AppError::refused("nothing_selected"))?;
    let committed = app.write(action, |door| {
        let catalog = std::sync::Arc::clone(door.catalog());
        let entity = present::entity(&catalog, &request.entity)?;
        for id in &request.ids {
            if action == "remove" {
                require_role(app, entity, Act::Delete, *id)?;
                door.remove(&request.entity, *id)?;
            } else {
                require_role(app, entity, Act::Update, *id)?;
                door.restore(&request.entity, *id)?;
            }
        }
        let names: [&str; 0] = [];
        for change in door.changes().to_vec() {
            door.audit(action, &change.entity, Some(change.id), &names)?;
        }
        Ok(())
    })?;
    Ok(saved(first, &committed))
}

pub(crate) fn undo(app: &App, request: UndoRequest) -> Result<Undone> {
    let committed = app.write("undo", |door| {
        let taken_back = door.undo(request.tx.map(TxId))?;
        told(door, taken_back)
    })?;
    Ok(undone(committed))
}

/// Does the latest undone step again; with a transaction, only where that is the one.
pub(crate) fn redo(app: &App, request: UndoRequest) -> Result<Undone> {
    let committed = app.write("redo", |door| {
        let taken_back = door.redo(request.tx.map(TxId))?;
        told(door, taken_back)
    })?;
    Ok(undone(committed))
}

/// What became of a step, with names.
struct Told {
    of: TxId,
    kept: Vec<Kept>,
    gone: usize,
}

/// Names what was kept, within the transaction: nothing may fail after it is committed.
fn told(door: &Door<'_>, taken_back: TakenBack) -> Result<Told> {
    let reader = door.reader();
    let kept = taken_back.kept.into_iter().map(|kept| {
        let title = reader
            .titles(&kept.entity, [kept.id])?
            .remove(&kept.id)
            .unwrap_or_default();
        Ok(Kept {
            entity: kept.entity.to_string(),
            id: kept.id,
            title,
            field: kept.field,
        })
    });
    Ok(Told {
        of: taken_back.of,
        kept: kept.collect::<Result<_>>()?,
        gone: taken_back.gone,
    })
}

fn undone(committed: Committed<Told>) -> Undone {
    let Told { of, kept, gone } = committed.value;
    Undone {
        tx: committed.tx.0,
        of: of.0,
        changed: count(committed.changes.len()),
        kept,
        gone: count(gone),
    }
}

pub(crate) fn undo_state(app: &App, _: Nothing) -> Result<UndoState> {
    app.read(|reader| {
        let (undo, redo) = reader.steps()?;
        let present = |step: Option<Step>| -> Result<Option<UndoStep>> {
            let Some(step) = step else {
                return Ok(None);
            };
            let title = match step.record {
                Some(id) => reader.titles(&step.entity, [id])?.remove(&id),
                None => None,
            };
            Ok(Some(UndoStep {
                tx: step.tx.0,
                action: step.action,
                entity: step.entity,
                count: u32::try_from(step.records).unwrap_or(u32::MAX),
                title,
            }))
        };
        Ok(UndoState {
            undo: present(undo)?,
            redo: present(redo)?,
        })
    })
}

pub(crate) fn history(app: &App, request: RecordRef) -> Result<History> {
    app.read(|reader| {
        let mut titles = crate::api::records::Titles::new();
        let entries = present::history(reader, reader.history(RecordId(request.id))?, &mut titles)?;
        let missing = older::missing(reader, request.id)?;
        Ok(History {
            entries,
            older: missing.iter().any(|(record, _)| *record == request.id),
            titles,
        })
    })
}

/// Brings back the value that one change replaced.
pub(crate) fn restore_value(app: &App, request: RestoreValue) -> Result<Saved> {
    let committed = app.write("update", |door| {
        let reader = door.reader();
        let rows = reader.history(RecordId(request.id))?;
        let row = rows.into_iter().find(|row| row.op == request.op);
        let old = row.and_then(|row| row.patch.get(&request.field)?.get(0).cloned());
        let old = old.ok_or_else(|| not_found(&request.entity, request.id))?;
        let catalog = std::sync::Arc::clone(door.catalog());
        let entity = present::entity(&catalog, &request.entity)?;
        require_role(app, entity, Act::Update, request.id)?;
        let field = entity.field(&request.field);
        let field = field.ok_or_else(|| StoreError::UnknownField {
            entity: request.entity.clone(),
            field: request.field.clone(),
        })?;
        let value = Value::from_json(&field.kind, &old).unwrap_or_default();
        let patch = ketu_model::Fields::new().with(field.key.clone(), value);
        crate::board::update(door, &request.entity, request.id, patch)
    })?;
    Ok(saved(request.id, &committed))
}

/// What the window needs to offer undo of just this.
pub(crate) fn saved<T>(id: Uuid, committed: &Committed<T>) -> Saved {
    Saved {
        id,
        tx: committed.tx.0,
        changed: count(committed.changes.len()),
    }
}

pub(crate) fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
