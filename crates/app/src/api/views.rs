//! Lists: a view is an ordered list of records held in Rust, a window is a slice of it.

use std::collections::BTreeMap;

use ketu_model::query::{Filter, Sort};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use ts_rs::TS;
use uuid::Uuid;

use super::records::Titles;

#[derive(Debug, Clone, Default, Deserialize, TS)]
pub struct OpenView {
    pub entity: String,
    #[serde(default)]
    #[ts(optional)]
    pub filter: Option<Filter>,
    #[serde(default)]
    #[ts(optional)]
    pub sort: Option<Vec<Sort>>,
    /// Only records that this text finds.
    #[serde(default)]
    #[ts(optional)]
    pub search: Option<String>,
    /// The recycle bin instead of what is alive.
    #[serde(default)]
    #[ts(optional)]
    pub deleted: Option<bool>,
    pub columns: Vec<String>,
    /// Rows of the first window, at most 200.
    pub limit: u32,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct ViewOpened {
    pub view: u32,
    pub window: Window,
}

#[derive(Debug, Clone, Deserialize, TS)]
pub struct WindowRequest {
    pub view: u32,
    pub offset: u32,
    /// At most 200.
    pub limit: u32,
    pub columns: Vec<String>,
}

/// A slice of a view. `count` is `null` while the whole list is still being gathered; a
/// `view_counted` event follows.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Window {
    pub offset: u32,
    pub count: Option<u32>,
    pub rows: Vec<Row>,
    pub titles: Titles,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct Row {
    pub id: Uuid,
    /// Values in the order of the requested columns.
    pub cells: Vec<Json>,
}

#[derive(Debug, Clone, Deserialize, TS)]
pub struct ViewRef {
    pub view: u32,
}

#[derive(Debug, Clone, Deserialize, TS)]
pub struct SumRequest {
    pub view: u32,
    pub fields: Vec<String>,
}

/// Sums by field over the whole view: money in minor units by currency, numbers under `""`.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Sums {
    pub count: u32,
    #[ts(type = "Record<string, Record<string, number>>")]
    pub sums: BTreeMap<String, BTreeMap<String, f64>>,
}

/// Ids of part of a view, for acting on a selection of rows by position.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct ViewIdsRequest {
    pub view: u32,
    pub offset: u32,
    pub limit: u32,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct ViewIds {
    pub ids: Vec<Uuid>,
}

#[derive(Debug, Deserialize, TS)]
pub struct ExportView {
    pub view: u32,
    pub columns: Vec<String>,
    /// Where the .xlsx file goes.
    pub path: String,
}

#[derive(Debug, Serialize, TS)]
pub struct Exported {
    pub rows: u32,
    pub path: String,
}

#[derive(Debug, Deserialize, TS)]
pub struct SearchRequest {
    pub text: String,
    pub limit: u32,
    /// Only these entities; all searchable ones where absent.
    #[serde(default)]
    #[ts(optional)]
    pub entities: Option<Vec<String>>,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct Hit {
    pub entity: String,
    pub id: Uuid,
    pub title: String,
    /// Where it belongs: the customer's name, a phone, the time of an interaction.
    pub subtitle: String,
    /// The field and text that matched, for marking.
    pub field: String,
    pub matched: String,
    pub customer: Option<Uuid>,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct SearchAnswer {
    pub hits: Vec<Hit>,
    /// Hits in all; the list is cut at the limit.
    pub total: u32,
}
