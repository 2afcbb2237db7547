//! The authority on what a record may hold. Form, grid, import and server call these functions;
//! the window repeats them only to be quick. What needs other records (uniqueness, dangling
//! references) is asked at the write door.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use crate::entity::EntityDef;
use crate::field::{FieldDef, FieldKey, FieldType, Format};
use crate::normalise::email::email;
use crate::normalise::phone::Phone;
use crate::normalise::text;
use crate::normalise::url::url;
use crate::normalise::uscc::Uscc;
use crate::parse::number::minor_digits;
use crate::regions::{RegionCode, get_region};
use crate::value::{Fields, Value};

/// Why a field cannot hold a value: a code to translate, and what the sentence needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    pub field: FieldKey,
    pub code: &'static str,
    pub params: BTreeMap<&'static str, String>,
}

impl FieldError {
    pub fn new(field: impl Into<FieldKey>, code: &'static str) -> Self {
        Self {
            field: field.into(),
            code,
            params: BTreeMap::new(),
        }
    }

    pub fn param(mut self, name: &'static str, value: &impl ToString) -> Self {
        self.params.insert(name, value.to_string());
        self
    }
}

/// The instants that a record may hold, the years 1800 to 2199: rows ordered by time keep
/// milliseconds in 44 bits.
pub const INSTANTS: RangeInclusive<i64> = -5_364_662_400_000..=7_258_118_399_999;

/// Brings a value to its normal form and checks it by its field's type, format and range.
pub fn check_value(field: &FieldDef, value: Value) -> Result<Value, FieldError> {
    let error = |code| FieldError::new(field.key.clone(), code);
    let value = match (&field.kind, value) {
        (_, Value::Null) => Value::Null,
        (FieldType::LongText, Value::Text(raw)) => tidy(raw, text::clean_lines),
        (FieldType::Text | FieldType::AutoNumber { .. }, Value::Text(raw)) => {
            let cleaned = tidy(raw, text::clean);
            match field.format {
                Some(Format::Uscc) => check_uscc(field, cleaned)?,
                Some(Format::Currency) => check_currency(field, cleaned)?,
                None => cleaned,
            }
        }
        (FieldType::Phone, Value::Text(raw)) => match text::clean(&raw) {
            cleaned if cleaned.is_empty() => Value::Null,
            cleaned => Value::Text(
                Phone::parse(&cleaned)
                    .map_err(|e| error(e.code()))?
                    .canonical,
            ),
        },
        (FieldType::Email, Value::Text(raw)) => match text::clean(&raw) {
            cleaned if cleaned.is_empty() => Value::Null,
            cleaned => Value::Text(email(&cleaned).map_err(|e| error(e.code()))?),
        },
        (FieldType::Url, Value::Text(raw)) => match text::clean(&raw) {
            cleaned if cleaned.is_empty() => Value::Null,
            cleaned => Value::Text(url(&cleaned).map_err(|e| error(e.code()))?),
        },
        (FieldType::Region, Value::Text(code)) => {
            match RegionCode::parse(&code).and_then(get_region) {
                Some(_) => Value::Text(code),
                None => return Err(error("unknown_region")),
            }
        }
        (FieldType::Number | FieldType::Percent, Value::Number(number)) if number.is_finite() => {
            check_range(field, number)?;
            Value::Number(number)
        }
        (FieldType::Money, Value::Money(money)) => {
            if money.currency.len() != 3 || !money.currency.bytes().all(|b| b.is_ascii_uppercase())
            {
                return Err(error("currency"));
            }
            let unit = 10f64.powi(minor_digits(&money.currency).cast_signed());
            check_range(field, money.minor as f64 / unit)?;
            Value::Money(money)
        }
        (FieldType::Instant, Value::Instant(at)) => {
            if !INSTANTS.contains(&at) {
                return Err(error("range"));
            }
            Value::Instant(at)
        }
        (FieldType::Date, value @ Value::Date(_))
        | (FieldType::Boolean, value @ Value::Bool(_))
        | (FieldType::Choice { .. } | FieldType::Reference { .. }, value @ Value::Id(_)) => value,
        (FieldType::MultiChoice { .. } | FieldType::ManyReference { .. }, Value::Ids(ids)) => {
            if ids.is_empty() {
                Value::Null
            } else {
                Value::ids(ids)
            }
        }
        _ => return Err(error("wrong_type")),
    };
    if let (Some(max), Value::Text(text)) = (field.max_length, &value)
        && text.chars().count() > max as usize
    {
        return Err(error("too_long").param("max", &max));
    }
    Ok(value)
}

/// Checks what concerns the record as a whole; `fields` are all its fields after the edit.
pub fn check_record(entity: &EntityDef, fields: &Fields) -> Vec<FieldError> {
    entity
        .fields
        .iter()
        .filter(|field| field.required && fields.value(&field.key).is_null())
        .map(|field| FieldError::new(field.key.clone(), "required"))
        .collect()
}

/// An empty text is nothing; a text that was clean already is not copied.
fn tidy(raw: String, clean: fn(&str) -> Cow<'_, str>) -> Value {
    let cleaned = match clean(&raw) {
        Cow::Borrowed(same) if same.len() == raw.len() => None,
        cleaned => Some(cleaned.into_owned()),
    };
    match cleaned.unwrap_or(raw) {
        text if text.is_empty() => Value::Null,
        text => Value::Text(text),
    }
}

fn check_uscc(field: &FieldDef, value: Value) -> Result<Value, FieldError> {
    match value {
        Value::Text(raw) => match Uscc::parse(&raw) {
            Ok(code) => Ok(Value::Text(code.canonical)),
            Err(error) => Err(FieldError::new(field.key.clone(), error.code())),
        },
        other => Ok(other),
    }
}

fn check_currency(field: &FieldDef, value: Value) -> Result<Value, FieldError> {
    match &value {
        Value::Text(code) if code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()) => {
            Ok(value)
        }
        Value::Null => Ok(value),
        _ => Err(FieldError::new(field.key.clone(), "currency")),
    }
}

fn check_range(field: &FieldDef, number: f64) -> Result<(), FieldError> {
    let below = field.min.is_some_and(|min| number < min);
    let above = field.max.is_some_and(|max| number > max);
    if !below && !above {
        return Ok(());
    }
    let mut error = FieldError::new(field.key.clone(), "range");
    for (name, limit) in [("min", field.min), ("max", field.max)] {
        if let Some(limit) = limit {
            error = error.param(name, &limit);
        }
    }
    Err(error)
}
