//! What a record must keep beyond its versions: values of the right kind, numbers that no two share
//! (docs/sync-protocol.md §4.9, §4.10).

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike};
use ketu_model::field::FieldType;
use ketu_model::validate::check_value;
use ketu_model::{EntityDef, Value, series};
use serde_json::Value as Json;

use super::cards::{self, Card};
use super::work::Work;
use super::{Ask, Loaded, Unique};
use crate::message::{Code, Op, Outcome};
use crate::planted::{Bug, on};
use crate::record::{FORMER_NUMBERS, Record, Version};

/// The largest value that a field unknown to this server may have, in bytes of JSON.
const MAX_UNKNOWN: usize = 1_000_000;

/// Why the new values of a patch cannot stand, if they cannot.
pub(super) fn check(entity: &EntityDef, patch: &BTreeMap<String, (Json, Json)>) -> Option<Outcome> {
    patch.iter().find_map(|(key, (_, new))| {
        let invalid = || {
            Some(Outcome::Rejected {
                code: Code::Invalid,
                field: Some(key.clone()),
            })
        };
        let Some(field) = entity.field(key) else {
            return if new.to_string().len() > MAX_UNKNOWN {
                invalid()
            } else {
                None
            };
        };
        // Fields of one's own may have become required after the author's last contact.
        if new.is_null() {
            return if field.required && !field.custom {
                invalid()
            } else {
                None
            };
        }
        match Value::from_json(&field.kind, new).map(|value| check_value(field, value)) {
            Some(Ok(_)) => None,
            _ => invalid(),
        }
    })
}

/// Asks for who has the values of unique fields.
pub(super) fn ask_unique<'j>(
    entity: &EntityDef,
    values: impl Fn(&str) -> Option<&'j Json>,
    loaded: &Loaded,
    now: i64,
    ask: &mut Ask,
) {
    for field in entity.core_fields().filter(|field| field.unique) {
        let Some(value) = values(&field.key).and_then(Json::as_str) else {
            continue;
        };
        let unique = unique(entity, &field.key, value);
        if !loaded.unique.contains_key(&unique) {
            ask.unique.insert(unique);
        }
        if let FieldType::AutoNumber { prefix } = &field.kind {
            let series = series::split(prefix, value)
                .map_or_else(|| this_year(prefix, now), |(series, _)| series.to_owned());
            if !loaded.series.contains_key(&series) {
                ask.series.insert(series);
            }
        }
    }
}

/// The series that a prefix gives numbers from at an instant.
fn this_year(prefix: &str, now: i64) -> String {
    let year = DateTime::from_timestamp_millis(now)
        .unwrap_or_default()
        .year();
    series::name(prefix, year)
}

pub(super) fn unique(entity: &EntityDef, field: &str, value: &str) -> Unique {
    Unique {
        entity: entity.key.to_string(),
        field: field.to_owned(),
        value: value.to_owned(),
    }
}

/// Takes and gives up unique values between two states of a record. A number that another one has is replaced by the
/// next of its series; any other equal value is shown to a person, where an op set it.
pub(super) fn claim(
    work: &mut Work<'_>,
    op: Option<&Op>,
    entity: &EntityDef,
    before: Option<&Record>,
    record: &mut Record,
    version: &Version,
) {
    for field in entity.core_fields().filter(|field| field.unique) {
        let living = |record: Option<&Record>| {
            record
                .filter(|record| record.deleted.is_none())
                .and_then(|record| record.value(&field.key).as_str())
                .map(str::to_owned)
        };
        let (was, is) = (living(before), living(Some(record)));
        if let FieldType::AutoNumber { prefix } = &field.kind
            && let Some((series, count)) = is.as_deref().and_then(|is| series::split(prefix, is))
            && work.series(series) < count
        {
            work.layer.series.insert(series.to_owned(), count);
        }
        if was == is {
            continue;
        }
        if let Some(was) = was {
            let gone = unique(entity, &field.key, &was);
            work.layer.unique.insert((gone, record.id), false);
        }
        let Some(mut is) = is else {
            continue;
        };
        let mut held = unique(entity, &field.key, &is);
        let holders = work.holders(&held, record.id);
        if let Some(other) = holders.first() {
            if let FieldType::AutoNumber { prefix } = &field.kind {
                if !on(Bug::DuplicateNumber) {
                    let former = is.clone();
                    let series = match series::split(prefix, &is) {
                        Some((series, _)) => series.to_owned(),
                        None => this_year(prefix, work.context.now),
                    };
                    let count = work.series(&series) + 1;
                    work.layer.series.insert(series.clone(), count);
                    is = series::number(&series, count);
                    record.set(&field.key, Json::String(is.clone()), version.clone());
                    let formers = match record.value(FORMER_NUMBERS).as_str() {
                        Some(formers) => format!("{formers} {former}"),
                        None => former,
                    };
                    record.set(FORMER_NUMBERS, Json::String(formers), version.clone());
                    held = unique(entity, &field.key, &is);
                }
            } else if let Some(op) = op {
                let card = Card::new("duplicate", record, &field.key)
                    .yours(Json::String(record.id.to_string()))
                    .theirs(Json::String(other.to_string()));
                cards::add(work, op, record, card);
            }
        }
        work.layer.unique.insert((held, record.id), true);
    }
}
