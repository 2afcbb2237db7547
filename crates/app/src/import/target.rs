//! Where a column can go: the fields of the records that one row of a sheet may hold.

use std::fmt;

use ketu_model::field::{FieldDef, FieldKey, FieldType, Format};
use ketu_model::{Catalog, EntityDef};

use crate::api::import::ImportTarget;

/// One of the records that a row may hold; a customer and what hangs below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    Customer,
    Contact,
    Opportunity,
    Interaction,
    Reminder,
}

impl Part {
    pub const ALL: [Self; 5] = [
        Self::Customer,
        Self::Contact,
        Self::Opportunity,
        Self::Interaction,
        Self::Reminder,
    ];

    pub fn entity(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Contact => "contact",
            Self::Opportunity => "opportunity",
            Self::Interaction => "interaction",
            Self::Reminder => "reminder",
        }
    }

    pub fn of(entity: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.entity() == entity)
    }

    pub fn index(self) -> usize {
        self as usize
    }
}

/// A field of one of a row's records, written `customer.name`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Target {
    pub part: Part,
    pub field: FieldKey,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.part.entity(), self.field)
    }
}

impl Target {
    /// The target of this name, if an import can fill it.
    pub fn parse(catalog: &Catalog, text: &str) -> Option<Self> {
        let (entity, key) = text.split_once('.')?;
        let part = Part::of(entity)?;
        let field = catalog
            .entity(entity)?
            .field(key)
            .filter(|field| is_importable(field))?;
        Some(Self {
            part,
            field: field.key.clone(),
        })
    }

    pub fn is(&self, part: Part, field: &str) -> bool {
        self.part == part && self.field == field
    }

    pub fn definition<'c>(&self, catalog: &'c Catalog) -> Option<&'c FieldDef> {
        catalog.entity(self.part.entity())?.field(&self.field)
    }

    /// Whether several columns may feed it together: 省, 市 and 区, or remarks in two columns.
    pub fn takes_several(&self, catalog: &Catalog) -> bool {
        let kind = self.definition(catalog).map(|field| &field.kind);
        matches!(kind, Some(FieldType::Region | FieldType::LongText))
    }
}

/// Whether what people type into a column of this field has to stay text: phones and codes, which a
/// spreadsheet would strip of zeros and digits.
pub fn holds_digits(field: &FieldDef) -> bool {
    matches!(field.kind, FieldType::Phone | FieldType::AutoNumber { .. })
        || field.format == Some(Format::Uscc)
}

/// Fields that a row can fill. References to other rows' records are the import's own business.
pub fn is_importable(field: &FieldDef) -> bool {
    !field.read_only
        && match &field.kind {
            FieldType::Reference { target } | FieldType::ManyReference { target } => {
                matches!(target.as_ref(), "user" | "stage" | "pipeline" | "tag")
            }
            _ => true,
        }
}

/// Parts with their entities and importable fields, in the order that people are shown.
pub fn importable(catalog: &Catalog) -> impl Iterator<Item = (Part, &EntityDef, &FieldDef)> {
    Part::ALL
        .into_iter()
        .filter_map(|part| Some((part, catalog.entity(part.entity())?)))
        .flat_map(|(part, entity)| {
            let fields = entity.fields.iter().filter(|field| is_importable(field));
            fields.map(move |field| (part, entity, field))
        })
}

/// Everything that a column can be mapped to.
pub fn import_targets(catalog: &Catalog) -> Vec<ImportTarget> {
    importable(catalog)
        .map(|(part, entity, field)| ImportTarget {
            target: format!("{}.{}", part.entity(), field.key),
            entity_zh: entity.label.zh.to_string(),
            entity_en: entity.label.en.to_string(),
            field_zh: field.label.zh.to_string(),
            field_en: field.label.en.to_string(),
            required: part == Part::Customer && field.key == entity.title,
        })
        .collect()
}
