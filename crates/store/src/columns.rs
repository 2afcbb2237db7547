//! Between values and columns: how each field type is bound, read and derived.

use std::fmt::Write;

use ketu_model::field::{FieldDef, FieldType, KeyClass};
use ketu_model::normalise::company::name_key;
use ketu_model::normalise::phone::phone_key;
use ketu_model::sort_key::sort_key;
use ketu_model::{EntityDef, Fields, Money, Value};
use rusqlite::types::{ToSqlOutput, Value as Sql, ValueRef};
use rusqlite::{Row, ToSql};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::error::{Result, StoreError};

/// A value as its main column keeps it.
pub(crate) fn to_sql(value: &Value) -> Sql {
    match value {
        Value::Null => Sql::Null,
        Value::Text(text) => Sql::Text(text.clone()),
        Value::Number(number) => Sql::Real(*number),
        Value::Money(money) => Sql::Integer(money.minor),
        Value::Date(date) => Sql::Text(date.to_string()),
        Value::Instant(at) => Sql::Integer(*at),
        Value::Bool(yes) => Sql::Integer(i64::from(*yes)),
        Value::Id(id) => Sql::Blob(id.as_bytes().to_vec()),
        Value::Ids(_) => Sql::Text(value.to_json().to_string()),
    }
}

/// Binds without copying text, for the inserts that come by the hundred thousand.
pub(crate) struct Bound<'a>(pub &'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Value::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Value::Id(id) => ToSqlOutput::Borrowed(ValueRef::Blob(id.as_bytes())),
            other => ToSqlOutput::Owned(to_sql(other)),
        })
    }
}

/// Names of the columns derived from a field.
pub(crate) fn derived_columns(field: &FieldDef) -> impl Iterator<Item = String> {
    let currency = (field.kind == FieldType::Money).then(|| format!("{}_currency", field.key));
    currency
        .into_iter()
        .chain(field.key_column())
        .chain(field.sort_column())
}

/// Appends the content of the columns derived from a field with this value, in the order of
/// [`derived_columns`].
pub(crate) fn push_derived(field: &FieldDef, value: &Value, out: &mut Vec<Sql>) {
    let text = value.as_text();
    let owned = |text: Option<String>| text.map_or(Sql::Null, Sql::Text);
    if field.kind == FieldType::Money {
        out.push(match value {
            Value::Money(money) => Sql::Text(money.currency.clone()),
            _ => Sql::Null,
        });
    }
    if let Some(class) = field.key_class {
        out.push(owned(text.and_then(|text| match class {
            KeyClass::Company => Some(name_key(text)),
            KeyClass::Phone => phone_key(text),
        })));
    }
    if field.by_pinyin {
        out.push(owned(text.map(sort_key)));
    }
}

/// The columns to select for a field, in the order that `read` takes them.
pub(crate) fn selected(field: &FieldDef) -> Vec<String> {
    match field.kind {
        FieldType::Money => vec![field.key.to_string(), format!("{}_currency", field.key)],
        _ => vec![field.key.to_string()],
    }
}

/// Reads a core field whose columns start at `at`.
pub(crate) fn read(
    entity: &EntityDef,
    field: &FieldDef,
    row: &Row<'_>,
    at: usize,
) -> Result<Value> {
    let malformed = || StoreError::Malformed {
        entity: entity.key.to_string(),
        field: field.key.to_string(),
    };
    let cell = row.get_ref(at)?;
    Ok(match (&field.kind, cell) {
        (_, ValueRef::Null) => Value::Null,
        (FieldType::Number | FieldType::Percent, ValueRef::Real(number)) => Value::Number(number),
        (FieldType::Money, ValueRef::Integer(minor)) => Value::Money(Money {
            minor,
            currency: row.get(at + 1)?,
        }),
        (FieldType::Instant, ValueRef::Integer(instant)) => Value::Instant(instant),
        (FieldType::Boolean, ValueRef::Integer(yes)) => Value::Bool(yes != 0),
        (FieldType::Choice { .. } | FieldType::Reference { .. }, ValueRef::Blob(id)) => {
            Value::Id(Uuid::from_slice(id).map_err(|_| malformed())?)
        }
        (FieldType::MultiChoice { .. } | FieldType::ManyReference { .. }, ValueRef::Text(list)) => {
            let ids: Vec<Uuid> = serde_json::from_slice(list).map_err(|_| malformed())?;
            Value::Ids(ids)
        }
        (FieldType::Date, ValueRef::Text(date)) => {
            let date = std::str::from_utf8(date).ok().and_then(|d| d.parse().ok());
            Value::Date(date.ok_or_else(malformed)?)
        }
        (_, ValueRef::Text(text)) => Value::Text(
            std::str::from_utf8(text)
                .map_err(|_| malformed())?
                .to_owned(),
        ),
        _ => return Err(malformed()),
    })
}

/// The custom fields of a record out of their JSON column. Keys that this catalog does not know
/// stay in the column and are not shown.
pub(crate) fn read_custom(entity: &EntityDef, json: Option<&str>) -> Result<Fields> {
    let Some(json) = json else {
        return Ok(Fields::new());
    };
    let map: Map<String, Json> = serde_json::from_str(json).map_err(|_| StoreError::Malformed {
        entity: entity.key.to_string(),
        field: "custom".to_owned(),
    })?;
    let fields = entity
        .fields
        .iter()
        .filter(|field| field.custom)
        .filter_map(|field| {
            let value = Value::from_json(&field.kind, map.get(field.key.as_ref())?)?;
            Some((field.key.clone(), value))
        });
    Ok(fields.collect())
}

/// The JSON column after an edit of custom fields; unknown keys are kept.
pub(crate) fn write_custom(old: Option<&str>, changed: &[(&FieldDef, &Value)]) -> Option<String> {
    let mut map: Map<String, Json> = old
        .and_then(|json| serde_json::from_str(json).ok())
        .unwrap_or_default();
    for (field, value) in changed {
        if value.is_null() {
            map.remove(field.key.as_ref());
        } else {
            map.insert(field.key.to_string(), value.to_json());
        }
    }
    (!map.is_empty()).then(|| Json::Object(map).to_string())
}

/// Appends `"key":[old,new]` to a patch under construction.
pub(crate) fn push_change(patch: &mut String, key: &str, old: &Value, new: &Value) {
    patch.push(if patch.is_empty() { '{' } else { ',' });
    push_json_text(patch, key);
    patch.push_str(":[");
    push_value(patch, old);
    patch.push(',');
    push_value(patch, new);
    patch.push(']');
}

fn push_value(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Text(text) => push_json_text(out, text),
        Value::Id(id) => {
            // Writing to a string does not fail.
            let _ = write!(out, "\"{id}\"");
        }
        Value::Instant(at) => {
            let _ = write!(out, "{at}");
        }
        other => {
            let _ = write!(out, "{}", other.to_json());
        }
    }
}

fn push_json_text(out: &mut String, text: &str) {
    let plain = |b: u8| b >= 0x20 && b != b'"' && b != b'\\';
    if text.bytes().all(plain) {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        let _ = write!(out, "{}", Json::String(text.to_owned()));
    }
}
