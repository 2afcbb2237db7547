//! Checks that need other records: uniqueness and references that lead somewhere.

use ketu_model::field::FieldType;
use ketu_model::validate::FieldError;
use ketu_model::{EntityDef, Fields, Value};
use rusqlite::OptionalExtension;
use uuid::Uuid;

use super::{Door, known_entity};
use crate::columns::Bound;
use crate::error::Result;

impl Door<'_> {
    /// Unique among records that are not deleted; the error names the one in the way.
    pub(super) fn check_unique(
        &self,
        entity: &EntityDef,
        id: Uuid,
        fields: &Fields,
        errors: &mut Vec<FieldError>,
    ) -> Result<()> {
        for field in entity.core_fields().filter(|field| field.unique) {
            let value = fields.value(&field.key);
            if value.is_null() {
                continue;
            }
            let sql = format!(
                "select id from {} where {} = ?1 and id <> ?2 and deleted_at is null limit 1",
                entity.key, field.key
            );
            let mut statement = self.connection.prepare_cached(&sql)?;
            let other: Option<Uuid> = statement
                .query_row((Bound(value), id), |row| row.get("id"))
                .optional()?;
            if let Some(other) = other {
                errors.push(FieldError::new(field.key.clone(), "unique").param("other", &other));
            }
        }
        Ok(())
    }

    /// Every record that `fields` newly refers to is there. What the record before referred to may
    /// be gone by now, and undo brings back what was, a reference to a removed record too.
    pub(super) fn check_references(
        &mut self,
        entity: &EntityDef,
        before: &Fields,
        fields: &Fields,
        errors: &mut Vec<FieldError>,
    ) -> Result<()> {
        if self.taking_back {
            return Ok(());
        }
        for field in &entity.fields {
            let Some(target) = field.target() else {
                continue;
            };
            let dangling = match fields.get(&field.key) {
                Some(Value::Id(id)) => !self.exists(target, *id)?,
                Some(Value::Ids(ids)) => {
                    let held: &[Uuid] = match before.get(&field.key) {
                        Some(Value::Ids(held)) => held,
                        _ => &[],
                    };
                    let mut dangling = false;
                    for id in ids.iter().filter(|id| !held.contains(id)) {
                        dangling |= !self.exists(target, *id)?;
                    }
                    dangling
                }
                _ => false,
            };
            if dangling {
                let choice = matches!(
                    field.kind,
                    FieldType::Choice { .. } | FieldType::MultiChoice { .. }
                );
                let code = if choice {
                    "unknown_option"
                } else {
                    "unknown_reference"
                };
                errors.push(FieldError::new(field.key.clone(), code));
            }
        }
        Ok(())
    }

    fn exists(&mut self, target: &str, id: Uuid) -> Result<bool> {
        if self.known.contains(&id) {
            return Ok(true);
        }
        let catalog = std::sync::Arc::clone(&self.catalog);
        let target = known_entity(&catalog, target)?;
        let sql = format!(
            "select 1 from {} where id = ?1 and deleted_at is null",
            target.key
        );
        let found = self.connection.prepare_cached(&sql)?.exists([id])?;
        if found {
            self.known.insert(id);
        }
        Ok(found)
    }
}
