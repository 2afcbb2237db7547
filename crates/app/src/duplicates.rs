//! Likely duplicates while someone types: by number, credit code, name and phone.

use ketu_model::Fields;
use ketu_model::normalise::company::{exact_key, name_key};
use ketu_model::normalise::phone::phone_key;
use serde::Serialize;
use ts_rs::TS;

use crate::api::records::{Duplicate, DuplicateCheck};
use crate::app::App;
use crate::error::{AppError, Result};
use crate::present;

/// Duplicates that the form shows at most.
const MOST: usize = 5;

#[derive(Debug, Serialize, TS)]
pub struct Duplicates {
    pub duplicates: Vec<Duplicate>,
}

pub(crate) fn find_duplicates(app: &App, request: DuplicateCheck) -> Result<Duplicates> {
    app.read(|reader| {
        let entity = present::entity(reader.catalog(), &request.entity)?;
        // A form asks while it is half filled in: values that do not parse yet find nothing.
        let typed: Fields = request
            .fields
            .into_iter()
            .filter_map(|(key, json)| {
                let field = entity.field(&key)?;
                Some((
                    field.key.clone(),
                    ketu_model::Value::from_json(&field.kind, &json)?,
                ))
            })
            .collect();
        let mut found: Vec<Duplicate> = Vec::new();
        for field in entity.core_fields() {
            let Some(text) = typed.text(&field.key) else {
                continue;
            };
            let (column, key, reason) = match (field.key_column(), field.key_class) {
                (Some(column), Some(ketu_model::field::KeyClass::Company)) => {
                    (column, Some(name_key(text)), "name")
                }
                (Some(column), Some(ketu_model::field::KeyClass::Phone)) => {
                    (column, phone_key(text), "phone")
                }
                _ if field.unique => (
                    field.key.to_string(),
                    Some(text.trim().to_uppercase()),
                    "unique",
                ),
                _ => continue,
            };
            let Some(key) = key.filter(|key| !key.is_empty()) else {
                continue;
            };
            for record in reader.by_key(&request.entity, &column, &key, MOST)? {
                let known = found.iter().any(|duplicate| duplicate.id == record.id);
                if known || Some(record.id) == request.except {
                    continue;
                }
                let title = record
                    .fields
                    .text(&entity.title)
                    .unwrap_or_default()
                    .to_owned();
                // The same short name in other words is worth a look, the same full name more so.
                let reason = match reason {
                    "name" if exact_key(&title) == exact_key(text) => "same_name",
                    "name" => "similar_name",
                    "unique" => field.key.as_ref(),
                    other => other,
                };
                let owner = match record.fields.id("owner") {
                    Some(owner) => reader.titles("user", [owner])?.remove(&owner),
                    None => None,
                };
                found.push(Duplicate {
                    entity: request.entity.clone(),
                    id: record.id,
                    title,
                    owner,
                    reason: reason.to_owned(),
                });
            }
        }
        found.truncate(MOST);
        Ok::<_, AppError>(Duplicates { duplicates: found })
    })
}
