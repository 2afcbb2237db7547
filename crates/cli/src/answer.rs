//! What a command answers: one JSON document, and the same for people.

use ketu_app::ApiError;
use serde_json::Value as Json;

#[derive(Debug)]
pub struct Answer {
    pub json: Json,
    pub text: String,
    /// Set where the answer itself is bad news: `doctor` found a problem.
    pub refusal: Option<ApiError>,
}

impl Answer {
    pub fn new(json: Json, text: impl Into<String>) -> Self {
        Self {
            json,
            text: text.into(),
            refusal: None,
        }
    }
}
