//! The core as the commands use it: one dispatch, and a few questions that come up often.

use std::path::PathBuf;

use ketu_app::{ApiError, App, Options};
use serde_json::{Value as Json, json};

use crate::language::Language;

/// Answers of one window, as the core limits them.
const WINDOW: usize = 200;

#[derive(Debug)]
pub struct Core {
    app: App,
}

impl Core {
    pub fn start(data_dir: PathBuf) -> Result<Self, ApiError> {
        let program = std::env::current_exe()
            .map_err(|error| refusal("io", &[("kind", &error.kind().to_string())]))?;
        let data_dir = std::path::absolute(&data_dir).unwrap_or(data_dir);
        Ok(Self {
            app: App::start(Options::new(data_dir, program)),
        })
    }

    pub fn app(&self) -> &App {
        &self.app
    }

    pub fn call(&self, method: &str, params: Json) -> Result<Json, ApiError> {
        self.app.dispatch(method, params)
    }

    pub fn stop(&self) {
        self.app.stop();
    }

    /// The data file's state: its name `ready`, `first_run`, `locked`, … and what belongs to it.
    pub fn state(&self) -> Result<Json, ApiError> {
        let mut status = self.call("status", json!({}))?;
        Ok(status["state"].take())
    }

    pub fn language(&self) -> Language {
        match self.call("status", json!({})) {
            Ok(status) if status["state"]["name"] == "ready" => {
                Language::of_tag(text(&status["settings"]["language"]))
            }
            _ => Language::of_environment(),
        }
    }

    /// The id of a record that was named by its id or by its number.
    pub fn id_of(&self, entity: &str, id_or_number: &str) -> Result<String, ApiError> {
        if is_id(id_or_number) {
            return Ok(id_or_number.to_owned());
        }
        let by_number =
            json!({ "field": { "field": "number", "test": "is", "value": id_or_number } });
        let opened = self.open_view(entity, Some(&by_number), &[], 2);
        let opened = match opened {
            Err(error) if error.code == "unknown_field" => {
                Err(refusal("not_found", &[("entity", entity)]))
            }
            opened => opened,
        }?;
        self.close_view(&opened)?;
        let rows = opened["window"]["rows"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        match rows {
            [] => Err(refusal("not_found", &[("entity", entity)])),
            [one] => Ok(text(&one["id"]).to_owned()),
            // Two laptops that worked apart may both have given a number.
            _ => Err(refusal("number_not_unique", &[("number", id_or_number)])),
        }
    }

    pub fn open_view(
        &self,
        entity: &str,
        filter: Option<&Json>,
        columns: &[String],
        limit: usize,
    ) -> Result<Json, ApiError> {
        let mut request =
            json!({ "entity": entity, "columns": columns, "limit": limit.clamp(1, WINDOW) });
        if let Some(filter) = filter {
            request["filter"] = filter.clone();
        }
        self.call("view_open", request)
    }

    pub fn close_view(&self, opened: &Json) -> Result<(), ApiError> {
        self.call("view_close", json!({ "view": opened["view"] }))
            .map(drop)
    }

    /// The first rows of a list, window by window: the count of all, `limit` rows, and the names they refer to.
    pub fn list(
        &self,
        entity: &str,
        filter: Option<&Json>,
        columns: &[String],
        limit: usize,
    ) -> Result<Listed, ApiError> {
        let opened = self.open_view(entity, filter, columns, limit)?;
        let mut listed = Listed::default();
        let mut offset = 0;
        loop {
            let wanted = (limit - offset).min(WINDOW);
            let request = json!({ "view": opened["view"], "offset": offset, "limit": wanted, "columns": columns });
            let mut window = self.call("view_window", request)?;
            listed.count = window["count"].as_u64().unwrap_or_default();
            let rows = match window["rows"].take() {
                Json::Array(rows) => rows,
                _ => Vec::new(),
            };
            if let Json::Object(titles) = window["titles"].take() {
                listed.titles.extend(titles);
            }
            offset += rows.len();
            let ended = rows.len() < wanted || offset >= limit;
            listed.rows.extend(rows.into_iter().take(limit));
            if ended {
                break;
            }
        }
        self.close_view(&opened)?;
        listed.rows.truncate(limit);
        Ok(listed)
    }
}

/// The head of a list.
#[derive(Debug, Default)]
pub struct Listed {
    /// Records in all.
    pub count: u64,
    /// `{id, cells}`
    pub rows: Vec<Json>,
    pub titles: serde_json::Map<String, Json>,
}

/// A refusal of the command line's own.
pub fn refusal(code: &str, params: &[(&str, &str)]) -> ApiError {
    ApiError {
        code: code.to_owned(),
        params: params
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        field: None,
        errors: Vec::new(),
    }
}

/// A JSON text, empty where there is none.
pub fn text(json: &Json) -> &str {
    json.as_str().unwrap_or_default()
}

/// Whether a text has the form of an id: 8-4-4-4-12 hexadecimal digits.
fn is_id(text: &str) -> bool {
    text.len() == 36
        && text.char_indices().all(|(at, c)| match at {
            8 | 13 | 18 | 23 => c == '-',
            _ => c.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_told_from_a_number() {
        assert!(is_id("0192f0c1-7e55-7c3f-8d1a-0242ac120002"));
        assert!(!is_id("CUST-2026-001"));
        assert!(!is_id("0192f0c1-7e55-7c3f-8d1a-0242ac12000"));
        assert!(!is_id("0192f0c107e55-7c3f-8d1a-0242ac120002"));
    }
}
