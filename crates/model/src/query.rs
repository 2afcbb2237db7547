//! What to list: a filter of AND and OR groups over fields, and the order.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use ts_rs::TS;

/// Conditions joined by AND or OR, nested.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Field(Condition),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Condition {
    pub field: String,
    pub test: Test,
    /// One value, or a list of them for `in` and `between`.
    #[serde(default)]
    pub value: Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    Is,
    IsNot,
    In,
    NotIn,
    Contains,
    StartsWith,
    AtLeast,
    AtMost,
    Between,
    Empty,
    NotEmpty,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Sort {
    pub field: String,
    #[serde(default)]
    pub descending: bool,
}
