//! From stored records to what the window shows, and from its JSON back to fields.

use ketu_model::validate::FieldError;
use ketu_model::{EntityDef, Fields, Value};
use ketu_store::sync::OwnOp;
use ketu_store::{LogRow, Reader, StoreError, StoredRecord};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use uuid::Uuid;

use crate::api::records::{FieldChange, FieldValues, HistoryEntry, RecordView, Titles};
use crate::error::{AppError, Result};

/// The entity, or the refusal that names it.
pub(crate) fn entity<'c>(catalog: &'c ketu_model::Catalog, key: &str) -> Result<&'c EntityDef> {
    catalog
        .entity(key)
        .ok_or_else(|| AppError::Store(StoreError::UnknownEntity(key.to_owned())))
}

/// Fields out of their JSON form; every value of a wrong shape is named.
pub(crate) fn fields(entity: &EntityDef, values: FieldValues) -> Result<Fields> {
    let mut fields = Fields::with_capacity(values.len());
    let mut errors = Vec::new();
    for (key, json) in values {
        let Some(field) = entity.field(&key) else {
            return Err(AppError::Store(StoreError::UnknownField {
                entity: entity.key.to_string(),
                field: key,
            }));
        };
        match Value::from_json(&field.kind, &json) {
            Some(value) => fields.set(field.key.clone(), value),
            None => errors.push(FieldError::new(field.key.clone(), "wrong_type")),
        }
    }
    if errors.is_empty() {
        Ok(fields)
    } else {
        Err(AppError::Store(StoreError::Invalid(errors)))
    }
}

/// A record with the names of all that it refers to.
pub(crate) fn record(reader: &Reader<'_>, key: &str, record: StoredRecord) -> Result<RecordView> {
    let titles = reader.titles_of(key, std::slice::from_ref(&record))?;
    let entity = entity(reader.catalog(), key)?;
    Ok(RecordView {
        titles,
        ..bare(entity, record)
    })
}

/// Records without names, which the caller gathers once for all.
pub(crate) fn records(
    reader: &Reader<'_>,
    key: &str,
    records: Vec<StoredRecord>,
    titles: &mut Titles,
) -> Result<Vec<RecordView>> {
    titles.append(&mut reader.titles_of(key, &records)?);
    let entity = entity(reader.catalog(), key)?;
    Ok(records
        .into_iter()
        .map(|record| bare(entity, record))
        .collect())
}

fn bare(entity: &EntityDef, record: StoredRecord) -> RecordView {
    RecordView {
        entity: entity.key.to_string(),
        id: record.id,
        title: record.title(entity).to_owned(),
        fields: record
            .fields
            .iter()
            .map(|(key, value)| (key.to_string(), value.to_json()))
            .collect(),
        rev: record.rev,
        created_at: record.created_at,
        created_by: record.created_by,
        updated_at: record.updated_at,
        updated_by: record.updated_by,
        deleted_at: record.deleted_at,
        titles: Titles::new(),
    }
}

/// Operations as people read them, with the names of what the values refer to.
pub(crate) fn history(
    reader: &Reader<'_>,
    rows: Vec<LogRow>,
    titles: &mut Titles,
) -> Result<Vec<HistoryEntry>> {
    let mut names: BTreeMap<Uuid, String> = BTreeMap::new();
    let mut entries = Vec::with_capacity(rows.len());
    for row in rows {
        let pending = row.is_unanswered();
        let fields: Vec<FieldChange> = row
            .patch
            .into_iter()
            .map(|(field, change)| field_change(field, change))
            .collect();
        name_values(reader, &row.entity, &fields, titles)?;
        let title = match names.get(&row.record) {
            Some(title) => title.clone(),
            None => {
                let title = reader
                    .titles(&row.entity, [row.record])?
                    .remove(&row.record)
                    .unwrap_or_default();
                names.insert(row.record, title.clone());
                title
            }
        };
        let author_name = match row.author {
            Some(author) => reader
                .titles("user", [author])?
                .remove(&author)
                .unwrap_or_default(),
            None => String::new(),
        };
        entries.push(HistoryEntry {
            op: row.op,
            tx: row.tx.0,
            entity: row.entity,
            record: row.record,
            title,
            kind: row.kind,
            at: ketu_model::clock::Hlc(row.hlc).millis(),
            author: row.author,
            author_name,
            origin: row.origin,
            pending,
            fields,
        });
    }
    Ok(entries)
}

fn field_change(field: String, change: Json) -> FieldChange {
    let mut values = match change {
        Json::Array(values) => values.into_iter(),
        _ => Vec::new().into_iter(),
    };
    FieldChange {
        field,
        old: values.next().unwrap_or_default(),
        new: values.next().unwrap_or_default(),
    }
}

/// What an operation of this laptop changes, with the names of what the values refer to.
pub(crate) fn changes(
    reader: &Reader<'_>,
    own: &OwnOp,
    titles: &mut Titles,
) -> Result<Vec<FieldChange>> {
    let fields: Vec<FieldChange> = own
        .patch
        .iter()
        .map(|(field, (old, new))| FieldChange {
            field: field.clone(),
            old: old.clone(),
            new: new.clone(),
        })
        .collect();
    name_values(reader, &own.entity, &fields, titles)?;
    Ok(fields)
}

/// The name of the record that an operation is about, also where the record has gone.
pub(crate) fn title_of(reader: &Reader<'_>, own: &OwnOp) -> Result<String> {
    let Some(entity) = reader.catalog().entity(&own.entity) else {
        return Ok(String::new());
    };
    let standing = reader.titles(&own.entity, [own.record])?;
    let said = own.patch.get(entity.title.as_ref());
    let said = said.and_then(|(old, new)| new.as_str().or(old.as_str()));
    Ok(standing
        .into_values()
        .next()
        .or(said.map(str::to_owned))
        .unwrap_or_default())
}

/// Gathers the names of what changed values refer to; options are left out, because the window holds those.
fn name_values(
    reader: &Reader<'_>,
    entity: &str,
    fields: &[FieldChange],
    titles: &mut Titles,
) -> Result<()> {
    let catalog = reader.catalog();
    let definition = catalog.entity(entity);
    for change in fields {
        let field = definition.and_then(|entity| entity.field(&change.field));
        let target = field.and_then(|field| field.target());
        if let Some(target) = target.filter(|target| *target != "option") {
            let ids = [&change.old, &change.new].into_iter().flat_map(ids_in);
            titles.append(&mut reader.titles(target, ids)?);
        }
    }
    Ok(())
}

/// Every id inside a value.
pub(crate) fn ids_in(value: &Json) -> Vec<Uuid> {
    match value {
        Json::Array(values) => values.iter().flat_map(ids_in).collect(),
        Json::String(text) => text.parse().ok().into_iter().collect(),
        _ => Vec::new(),
    }
}
