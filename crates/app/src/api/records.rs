//! Records one at a time: read, add, change, remove, and what happened to them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use ts_rs::TS;
use uuid::Uuid;

/// Names of records that other records refer to, by id.
pub type Titles = BTreeMap<Uuid, String>;

/// A record's fields by key, in the JSON form of `ketu_model::value`.
pub type FieldValues = BTreeMap<String, Json>;

#[derive(Debug, Deserialize, TS)]
pub struct RecordRef {
    pub entity: String,
    pub id: Uuid,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct RecordView {
    pub entity: String,
    pub id: Uuid,
    pub title: String,
    pub fields: FieldValues,
    /// The server's revision that is shown; 0 before the first.
    #[ts(optional, as = "Option<f64>")]
    pub rev: i64,
    #[ts(type = "number")]
    pub created_at: i64,
    pub created_by: Option<Uuid>,
    #[ts(type = "number")]
    pub updated_at: i64,
    pub updated_by: Option<Uuid>,
    #[ts(type = "number | null")]
    pub deleted_at: Option<i64>,
    /// Names of the records that the fields refer to.
    pub titles: Titles,
}

#[derive(Debug, Deserialize, TS)]
pub struct AddRecord {
    pub entity: String,
    pub fields: FieldValues,
}

#[derive(Debug, Deserialize, TS)]
pub struct UpdateRecord {
    pub entity: String,
    pub id: Uuid,
    /// Only the fields that change; `null` empties one.
    pub fields: FieldValues,
    /// Of a form that stays open: what it was opened with.
    #[serde(default)]
    #[ts(optional)]
    pub base: Option<FormBase>,
}

/// A record as a form was opened with it. What somebody else changed meanwhile its author has not seen: their edit and
/// this one are merged by field as if they were made apart.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct FormBase {
    #[ts(type = "number")]
    pub rev: i64,
    /// All fields that hold something, or at least those that change.
    pub fields: FieldValues,
}

/// Several records of one entity in one step: all of them change, or none.
#[derive(Debug, Deserialize, TS)]
pub struct UpdateRecords {
    pub entity: String,
    pub changes: Vec<RecordChange>,
}

#[derive(Debug, Deserialize, TS)]
pub struct RecordChange {
    pub id: Uuid,
    /// Only the fields that change; `null` empties one.
    pub fields: FieldValues,
    /// Of a form that stays open: what it was opened with.
    #[serde(default)]
    #[ts(optional)]
    pub base: Option<FormBase>,
}

#[derive(Debug, Deserialize, TS)]
pub struct RecordIds {
    pub entity: String,
    pub ids: Vec<Uuid>,
}

/// What a write did, and the handle by which the window offers to undo just it.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Saved {
    pub id: Uuid,
    pub tx: Uuid,
    pub changed: u32,
}

/// Refused as `undo_gone` where all records of the transaction have left this laptop: a colleague has them, or the server
/// took them back.
#[derive(Debug, Default, Deserialize, TS)]
pub struct UndoRequest {
    /// The transaction to undo; the latest one where absent.
    #[serde(default)]
    #[ts(optional)]
    pub tx: Option<Uuid>,
}

/// A field that was changed again since, so that undo left it alone.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Kept {
    pub entity: String,
    pub id: Uuid,
    pub title: String,
    pub field: String,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct Undone {
    pub tx: Uuid,
    /// The transaction that was taken back.
    pub of: Uuid,
    pub changed: u32,
    pub kept: Vec<Kept>,
    /// Records of the transaction that left this laptop, so that nothing was done to them.
    #[ts(optional, as = "Option<u32>")]
    pub gone: u32,
}

/// What undo and redo would do next, for menus and toasts.
#[derive(Debug, Clone, Serialize, TS)]
pub struct UndoState {
    pub undo: Option<UndoStep>,
    pub redo: Option<UndoStep>,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct UndoStep {
    pub tx: Uuid,
    /// `add`, `update`, `remove`, `restore`, `import`, `transfer`, `merge`, `settle`, `retry`, …
    pub action: String,
    pub entity: String,
    pub count: u32,
    pub title: Option<String>,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct HistoryEntry {
    pub op: Uuid,
    pub tx: Uuid,
    pub entity: String,
    pub record: Uuid,
    pub title: String,
    /// `create`, `update`, `delete`, `restore`, `transfer`, `merge`, `split`.
    pub kind: String,
    #[ts(type = "number")]
    pub at: i64,
    pub author: Option<Uuid>,
    pub author_name: String,
    /// `form`, `import:<batch>`, `undo:<op>`, …
    pub origin: String,
    pub pending: bool,
    pub fields: Vec<FieldChange>,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct FieldChange {
    pub field: String,
    pub old: Json,
    pub new: Json,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct History {
    pub entries: Vec<HistoryEntry>,
    /// Whether the server has older changes, which can be fetched.
    pub older: bool,
    pub titles: Titles,
}

#[derive(Debug, Deserialize, TS)]
pub struct RestoreValue {
    pub entity: String,
    pub id: Uuid,
    /// The change whose old value comes back.
    pub op: Uuid,
    pub field: String,
}

/// A likely duplicate, shown while someone types.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Duplicate {
    pub entity: String,
    pub id: Uuid,
    pub title: String,
    pub owner: Option<String>,
    /// `same_name`, `similar_name`, `phone`, `uscc`, `number`.
    pub reason: String,
}

#[derive(Debug, Deserialize, TS)]
pub struct DuplicateCheck {
    pub entity: String,
    pub fields: FieldValues,
    #[serde(default)]
    #[ts(optional)]
    pub except: Option<Uuid>,
}
