//! The catalog: every kind of record described once. Tables, forms, lists, filters, import,
//! export, validation, history and merging follow from it.

mod conflict;
mod contact;
mod customer;
mod field_definition;
mod interaction;
#[cfg(feature = "older")]
mod older;
mod opportunity;
mod option;
mod participation;
mod pipeline;
mod reminder;
pub mod shipped;
mod stage;
mod tag;
mod user;

use std::sync::{Arc, OnceLock};

use serde::Serialize;
use ts_rs::TS;

use crate::entity::EntityDef;
use crate::field::FieldDef;

pub use field_definition::custom_field;

/// The version of the catalog that a change was written under; raised when fields are added.
pub const SCHEMA_VERSION: u32 = 2;
/// What laptops need at least to read what others write: raised to the version of 24 months ago.
pub const OLDEST_SCHEMA: u32 = 1;

#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct Catalog {
    pub entities: Vec<EntityDef>,
}

impl Catalog {
    /// The catalog as shipped, without anyone's own fields.
    pub fn core() -> Arc<Self> {
        static CORE: OnceLock<Arc<Catalog>> = OnceLock::new();
        Arc::clone(CORE.get_or_init(|| {
            let catalog = Catalog {
                entities: vec![
                    customer::customer(),
                    contact::contact(),
                    participation::participation(),
                    opportunity::opportunity(),
                    pipeline::pipeline(),
                    stage::stage(),
                    interaction::interaction(),
                    reminder::reminder(),
                    tag::tag(),
                    user::user(),
                    option::option(),
                    field_definition::field_definition(),
                    conflict::conflict(),
                ],
            };
            #[cfg(feature = "older")]
            let catalog = older::without(catalog);
            Arc::new(catalog)
        }))
    }

    /// The shipped catalog with users' own fields behind each entity's core fields.
    pub fn with_custom(fields: impl IntoIterator<Item = (String, FieldDef)>) -> Arc<Self> {
        let mut catalog = Self::core().as_ref().clone();
        for (entity, field) in fields {
            let known = catalog.entities.iter_mut().find(|e| e.key == entity);
            if let Some(entity) = known.filter(|e| e.field(&field.key).is_none()) {
                entity.fields.push(field);
            }
        }
        Arc::new(catalog)
    }

    pub fn entity(&self, key: &str) -> Option<&EntityDef> {
        self.entities.iter().find(|entity| entity.key == key)
    }

    /// Entities and fields that name records of `target`.
    pub fn references_to<'a>(
        &'a self,
        target: &'a str,
    ) -> impl Iterator<Item = (&'a EntityDef, &'a FieldDef)> {
        self.entities.iter().flat_map(move |entity| {
            let fields = entity
                .fields
                .iter()
                .filter(move |f| f.target() == Some(target));
            fields.map(move |field| (entity, field))
        })
    }
}
