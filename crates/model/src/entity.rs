//! What a kind of record is: its fields, where it belongs and how people call it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::field::{FieldDef, FieldKey, Label};

/// Which record a record hangs below. A root and all below it share one scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Root {
    /// The record is a root itself.
    Own,
    /// The root of the record that this reference field names; the record itself while it is empty.
    Of(FieldKey),
}

/// Whose laptops hold a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Those that hold its root.
    Root,
    /// Everyone's: reference data of the organisation.
    Org,
    /// One user's own.
    User,
}

/// How rows lie in the table, which is also how "newest first" is found without sorting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RowOrder {
    Inserted,
    /// By this instant field: row number = milliseconds << 20 | counter.
    By(FieldKey),
}

/// One kind of record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct EntityDef {
    pub key: FieldKey,
    pub label: Label,
    /// The field that names a record to people.
    pub title: FieldKey,
    pub root: Root,
    pub scope: Scope,
    pub row_order: RowOrder,
    /// Shipped and kept by Ketu's own screens; not offered for import or own fields.
    pub system: bool,
    pub fields: Vec<FieldDef>,
}

impl EntityDef {
    pub fn new(key: &'static str, label: Label, title: &'static str) -> Self {
        Self {
            key: key.into(),
            label,
            title: title.into(),
            root: Root::Own,
            scope: Scope::Root,
            row_order: RowOrder::Inserted,
            system: false,
            fields: Vec::new(),
        }
    }

    pub fn below(mut self, field: &'static str) -> Self {
        self.root = Root::Of(field.into());
        self
    }
    pub fn scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }
    pub fn rows_by(mut self, field: &'static str) -> Self {
        self.row_order = RowOrder::By(field.into());
        self
    }
    pub fn system(mut self) -> Self {
        self.system = true;
        self
    }
    pub fn fields(mut self, fields: impl IntoIterator<Item = FieldDef>) -> Self {
        self.fields = fields.into_iter().collect();
        self
    }

    pub fn field(&self, key: &str) -> Option<&FieldDef> {
        self.fields.iter().find(|field| field.key == key)
    }

    /// Fields with a column of their own; custom ones share one JSON column.
    pub fn core_fields(&self) -> impl Iterator<Item = &FieldDef> {
        self.fields.iter().filter(|field| !field.custom)
    }

    pub fn auto_number(&self) -> Option<(&FieldDef, &str)> {
        self.fields.iter().find_map(|field| match &field.kind {
            crate::field::FieldType::AutoNumber { prefix } => Some((field, prefix.as_ref())),
            _ => None,
        })
    }
}
