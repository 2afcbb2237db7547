//! A new record with everything that follows from its fields alone: normal forms, derived columns,
//! its entry in the log. Needs no file and no transaction, so that a bulk write makes it on another
//! thread while this one writes.

use ketu_model::entity::RowOrder;
use ketu_model::field::FieldKey;
use ketu_model::validate::INSTANTS;
use ketu_model::{Catalog, EntityDef, Fields, Value};
use rusqlite::types::Value as Sql;

use super::{known_entity, normalised};
use crate::columns::{push_change, push_derived, write_custom};
use crate::error::Result;

/// Fields in their normal form, and what is written beside them.
#[derive(Debug)]
pub struct Prepared {
    pub(super) entity: FieldKey,
    pub(super) fields: Fields,
    /// Derived columns of the core fields, in the catalog's order.
    pub(super) derived: Vec<Sql>,
    /// The JSON column of the custom fields.
    pub(super) custom: Option<String>,
    /// The log's patch, not closed yet: references and defaults follow.
    pub(super) patch: String,
}

impl Prepared {
    /// Brings every field to its normal form; all that is wrong with them comes back at once.
    pub fn new(catalog: &Catalog, entity: &str, fields: Fields) -> Result<Self> {
        let entity = known_entity(catalog, entity)?;
        Ok(Self::as_it_is(entity, normalised(entity, fields)?))
    }

    /// The same for fields that are in their normal form.
    fn as_it_is(entity: &EntityDef, fields: Fields) -> Self {
        let custom: Vec<_> = entity
            .fields
            .iter()
            .filter(|field| field.custom)
            .filter_map(|field| Some((field, fields.get(&field.key)?)))
            .collect();
        let custom = write_custom(None, &custom);
        let mut patch = String::with_capacity(64 * fields.len());
        for (key, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
            push_change(&mut patch, key, &Value::Null, value);
        }
        Self {
            patch,
            ..Self::shown(entity, fields, custom)
        }
    }

    /// Of a row that the server vouches for and that no log tells of.
    pub(super) fn shown(entity: &EntityDef, fields: Fields, custom: Option<String>) -> Self {
        let mut derived = Vec::with_capacity(8);
        for field in entity.core_fields() {
            push_derived(field, fields.value(&field.key), &mut derived);
        }
        Self {
            entity: entity.key.clone(),
            custom,
            fields,
            derived,
            patch: String::new(),
        }
    }

    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// Names another record in an empty field, or gives a default. Only for values that are in their
    /// normal form and that nothing is derived from.
    pub fn set(&mut self, key: impl Into<FieldKey>, value: Value) {
        let key = key.into();
        debug_assert!(
            self.fields.value(&key).is_null(),
            "{key} has a value already"
        );
        if !value.is_null() {
            push_change(&mut self.patch, &key, &Value::Null, &value);
            self.fields.set(key, value);
        }
    }
}

/// The instant that orders a record's row, where its table is ordered by one.
pub(super) fn row_instant(entity: &EntityDef, fields: &Fields) -> Option<i64> {
    match &entity.row_order {
        RowOrder::Inserted => None,
        // Local edits are within this range; what a server sends is not checked.
        RowOrder::By(key) => {
            let (first, last) = (*INSTANTS.start(), *INSTANTS.end());
            fields
                .value(key)
                .as_instant()
                .map(|at| at.clamp(first, last))
        }
    }
}
