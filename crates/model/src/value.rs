//! Values of fields, their one JSON form, and records' fields as a small ordered list.
//!
//! The JSON form is what the change log keeps and what every front door speaks: text, number and
//! boolean as themselves, money `[minor units, "CNY"]`, a civil date `"2026-03-05"`, an instant in
//! milliseconds UTC, a reference its id, several references a list of ids, nothing `null`.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::field::{FieldKey, FieldType};

/// An amount in integer minor units (fen, cents) of one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Money {
    pub minor: i64,
    /// ISO 4217, e.g. `CNY`.
    pub currency: String,
}

/// The currency of an amount that names none.
pub const HOME_CURRENCY: &str = "CNY";

#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    #[default]
    Null,
    Text(String),
    Number(f64),
    Money(Money),
    Date(NaiveDate),
    /// Milliseconds since 1970, UTC.
    Instant(i64),
    Bool(bool),
    Id(Uuid),
    /// Sorted, without repeats: a set.
    Ids(Vec<Uuid>),
}

impl Value {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub fn yuan(minor: i64) -> Self {
        Self::Money(Money {
            minor,
            currency: HOME_CURRENCY.to_owned(),
        })
    }

    pub fn ids(ids: impl IntoIterator<Item = Uuid>) -> Self {
        Self::Ids(
            ids.into_iter()
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect(),
        )
    }

    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_id(&self) -> Option<Uuid> {
        match self {
            Self::Id(id) => Some(*id),
            _ => None,
        }
    }

    pub fn as_instant(&self) -> Option<i64> {
        match self {
            Self::Instant(at) => Some(*at),
            _ => None,
        }
    }

    pub fn to_json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Text(text) => Json::String(text.clone()),
            Self::Number(number) => json!(number),
            Self::Money(money) => json!([money.minor, money.currency]),
            Self::Date(date) => Json::String(date.to_string()),
            Self::Instant(at) => json!(at),
            Self::Bool(yes) => json!(yes),
            Self::Id(id) => Json::String(id.to_string()),
            Self::Ids(ids) => {
                Json::Array(ids.iter().map(|id| Json::String(id.to_string())).collect())
            }
        }
    }

    /// Reads the JSON form of a value of `kind`; `None` where the JSON is of another shape.
    pub fn from_json(kind: &FieldType, json: &Json) -> Option<Self> {
        if json.is_null() {
            return Some(Self::Null);
        }
        match kind {
            FieldType::Text
            | FieldType::LongText
            | FieldType::Phone
            | FieldType::Email
            | FieldType::Url
            | FieldType::Region
            | FieldType::AutoNumber { .. } => json.as_str().map(|text| match text {
                "" => Self::Null,
                text => Self::Text(text.to_owned()),
            }),
            FieldType::Number | FieldType::Percent => json.as_f64().map(Self::Number),
            FieldType::Money => match json {
                Json::Array(parts) => match parts.as_slice() {
                    [minor, currency] => Some(Self::Money(Money {
                        minor: minor.as_i64()?,
                        currency: currency.as_str()?.to_owned(),
                    })),
                    _ => None,
                },
                _ => None,
            },
            FieldType::Date => json.as_str()?.parse().ok().map(Self::Date),
            FieldType::Instant => json.as_i64().map(Self::Instant),
            FieldType::Boolean => json.as_bool().map(Self::Bool),
            FieldType::Choice { .. } | FieldType::Reference { .. } => {
                json.as_str()?.parse().ok().map(Self::Id)
            }
            FieldType::MultiChoice { .. } | FieldType::ManyReference { .. } => {
                let ids = json.as_array()?.iter().map(|id| id.as_str()?.parse().ok());
                let ids: Vec<Uuid> = ids.collect::<Option<_>>()?;
                Some(if ids.is_empty() {
                    Self::Null
                } else {
                    Self::ids(ids)
                })
            }
        }
    }
}

/// The fields of one record, or the part of them that an edit names, in order of first mention.
/// Records have some thirty fields, where a scan beats a map.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fields(Vec<(FieldKey, Value)>);

impl Fields {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn with_capacity(fields: usize) -> Self {
        Self(Vec::with_capacity(fields))
    }

    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, v)| v)
    }

    /// The value, `Null` where the field is not named.
    pub fn value(&self, key: &str) -> &Value {
        static NULL: Value = Value::Null;
        self.get(key).unwrap_or(&NULL)
    }

    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Value::as_text)
    }

    pub fn id(&self, key: &str) -> Option<Uuid> {
        self.get(key).and_then(Value::as_id)
    }

    pub fn contains(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    pub fn set(&mut self, key: impl Into<FieldKey>, value: Value) {
        let key = key.into();
        match self.0.iter_mut().find(|(k, _)| *k == key) {
            Some((_, old)) => *old = value,
            None => self.0.push((key, value)),
        }
    }

    /// The same, for building in one expression.
    pub fn with(mut self, key: impl Into<FieldKey>, value: impl Into<Value>) -> Self {
        self.set(key, value.into());
        self
    }

    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let at = self.0.iter().position(|(k, _)| k == key)?;
        Some(self.0.remove(at).1)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&FieldKey, &Value)> {
        self.0.iter().map(|(k, v)| (k, v))
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&FieldKey, &mut Value)> {
        self.0.iter_mut().map(|(k, v)| (&*k, v))
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn to_json(&self) -> Json {
        Json::Object(
            self.iter()
                .map(|(k, v)| (k.to_string(), v.to_json()))
                .collect(),
        )
    }
}

impl IntoIterator for Fields {
    type Item = (FieldKey, Value);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl FromIterator<(FieldKey, Value)> for Fields {
    fn from_iter<I: IntoIterator<Item = (FieldKey, Value)>>(fields: I) -> Self {
        let mut out = Self::new();
        for (key, value) in fields {
            out.set(key, value);
        }
        out
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Uuid> for Value {
    fn from(id: Uuid) -> Self {
        Self::Id(id)
    }
}

impl From<NaiveDate> for Value {
    fn from(date: NaiveDate) -> Self {
        Self::Date(date)
    }
}

impl From<bool> for Value {
    fn from(yes: bool) -> Self {
        Self::Bool(yes)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl<V: Into<Value>> From<Option<V>> for Value {
    fn from(value: Option<V>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
