//! Between the server's row, a record in canonical JSON, and the columns of a record's table. Nothing of a row is lost on
//! the way: what this version has no column for, or a value that its column would not give back as it came, stands in the
//! JSON column beside the users' own fields (§5.7).

use std::collections::BTreeMap;

use ketu_model::{EntityDef, Fields, Value};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::error::{Result, StoreError};
use crate::read::StoredRecord;

/// A record as the server sends it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ServerRow {
    pub entity: String,
    pub id: Uuid,
    pub root: Uuid,
    pub rev: i64,
    /// Milliseconds since 1970, UTC.
    pub created_at: i64,
    pub created_by: Option<Uuid>,
    pub updated_at: i64,
    pub updated_by: Option<Uuid>,
    pub deleted: Option<i64>,
    /// In canonical form; a field without a value is not there.
    pub fields: BTreeMap<String, Json>,
}

/// A row's values as a table takes them.
#[derive(Debug)]
pub(crate) struct Shaped {
    pub fields: Fields,
    /// The JSON column: the users' own fields, and what has no column.
    pub custom: Option<String>,
}

/// Takes values apart by what they are here. Whether they are valid is for the server and for whoever edits them next: a
/// pull never stops at a rule of this laptop.
pub(crate) fn shaped(entity: &EntityDef, values: BTreeMap<String, Json>) -> Shaped {
    let mut fields = Fields::with_capacity(values.len());
    let mut beside = Map::new();
    for (key, json) in values {
        let Some(field) = entity.field(&key) else {
            beside.insert(key, json);
            continue;
        };
        let value = Value::from_json(&field.kind, &json);
        if field.custom || !value.as_ref().is_some_and(|value| is_same(value, &json)) {
            beside.insert(key, json);
        }
        if let Some(value) = value {
            fields.set(field.key.clone(), value);
        }
    }
    let custom = (!beside.is_empty()).then(|| Json::Object(beside).to_string());
    Shaped { fields, custom }
}

/// Whether a value gives back the JSON that it was read from.
fn is_same(value: &Value, json: &Json) -> bool {
    match (value, json) {
        (Value::Text(_) | Value::Bool(_), _) => true,
        (Value::Instant(at), Json::Number(number)) => number.as_i64() == Some(*at),
        (Value::Id(id), Json::String(text)) => {
            *id.hyphenated().encode_lower(&mut Uuid::encode_buffer()) == *text
        }
        _ => canonical(value) == *json,
    }
}

/// The canonical JSON of a value: whole numbers without a fraction (§1.2).
fn canonical(value: &Value) -> Json {
    /// Up to here a float holds every integer.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::Number(number) if number.fract() == 0.0 && number.abs() < EXACT => {
            Json::from(*number as i64)
        }
        other => other.to_json(),
    }
}

/// The server's row out of a record that stands as the server sent it.
pub(crate) fn server_row(
    entity: &EntityDef,
    record: &StoredRecord,
    rev: i64,
    custom: Option<&str>,
) -> Result<ServerRow> {
    let mut fields: BTreeMap<String, Json> = match custom {
        Some(json) => serde_json::from_str(json).map_err(|_| StoreError::Malformed {
            entity: entity.key.to_string(),
            field: "custom".to_owned(),
        })?,
        None => BTreeMap::new(),
    };
    for field in entity.core_fields() {
        let value = record.fields.value(&field.key);
        if !value.is_null() {
            // What the column would not have given back stands beside it.
            fields
                .entry(field.key.to_string())
                .or_insert_with(|| canonical(value));
        }
    }
    Ok(ServerRow {
        entity: entity.key.to_string(),
        id: record.id,
        root: record.root,
        rev,
        created_at: record.created_at,
        created_by: record.created_by,
        updated_at: record.updated_at,
        updated_by: record.updated_by,
        deleted: record.deleted_at,
        fields,
    })
}
