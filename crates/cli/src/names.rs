//! From values in their JSON form to what people read: names of fields, options, stages, regions and records.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Local, Utc};
use ketu_app::ApiError;
use serde_json::{Map, Value as Json, json};

use crate::core::{Core, refusal, text};
use crate::language::Language;

/// Everything that has a name, read once.
#[derive(Debug)]
pub struct Names {
    language: Language,
    entities: Vec<Json>,
    /// Options, pipelines, stages, users and tags by id.
    by_id: BTreeMap<String, String>,
    /// Regions by code, from the province down.
    regions: BTreeMap<String, String>,
}

impl Names {
    pub fn load(core: &Core, language: Language) -> Result<Self, ApiError> {
        let mut catalog = core.call("catalog", json!({}))?;
        let mut by_id = BTreeMap::new();
        let english = |named: &Json| {
            let name = text(&named["name_en"]);
            (language == Language::English && !name.is_empty()).then(|| name.to_owned())
        };
        let mut note = |named: &Json| {
            let name = english(named).unwrap_or_else(|| text(&named["name"]).to_owned());
            by_id.insert(text(&named["id"]).to_owned(), name);
        };
        for list in ["options", "users", "tags", "pipelines"] {
            for named in list_of(&catalog[list]) {
                note(named);
                list_of(&named["stages"]).iter().for_each(&mut note);
            }
        }
        let entities = match catalog["catalog"]["entities"].take() {
            Json::Array(entities) => entities,
            _ => Vec::new(),
        };
        Ok(Self {
            language,
            entities,
            by_id,
            regions: BTreeMap::new(),
        })
    }

    /// The description of an entity, or the refusal that names it.
    pub fn entity(&self, key: &str) -> Result<&Json, ApiError> {
        let found = self.entities.iter().find(|entity| entity["key"] == key);
        found.ok_or_else(|| refusal("unknown_entity", &[("entity", key)]))
    }

    pub fn entity_label(&self, key: &str) -> String {
        self.entity(key)
            .map_or_else(|_| key.to_owned(), |entity| self.label(entity))
    }

    pub fn field_label(&self, entity: &str, key: &str) -> String {
        match self.field(entity, key) {
            Some(field) => self.label(field),
            None => self.system_label(key).to_owned(),
        }
    }

    pub fn label(&self, described: &Json) -> String {
        text(&described["label"][self.language.of("zh", "en")]).to_owned()
    }

    fn system_label<'a>(&self, key: &'a str) -> &'a str {
        match key {
            "created_at" => self.language.of("创建时间", "Created"),
            "updated_at" => self.language.of("更新时间", "Changed"),
            "deleted_at" => self.language.of("删除时间", "Removed"),
            other => other,
        }
    }

    pub fn fields(&self, entity: &str) -> Result<&[Json], ApiError> {
        Ok(list_of(&self.entity(entity)?["fields"]))
    }

    pub fn keys(&self, entity: &str) -> Result<Vec<String>, ApiError> {
        let keys = self.fields(entity)?.iter();
        Ok(keys.map(|field| text(&field["key"]).to_owned()).collect())
    }

    /// Columns that a new user's list shows.
    pub fn grid_keys(&self, entity: &str) -> Result<Vec<String>, ApiError> {
        let shown = self
            .fields(entity)?
            .iter()
            .filter(|field| field["grid_width"].as_u64() > Some(0));
        let keys: Vec<String> = shown.map(|field| text(&field["key"]).to_owned()).collect();
        if keys.is_empty() {
            self.keys(entity)
        } else {
            Ok(keys)
        }
    }

    fn field(&self, entity: &str, key: &str) -> Option<&Json> {
        self.fields(entity)
            .ok()?
            .iter()
            .find(|field| field["key"] == key)
    }

    /// Takes in the names that an answer brought along.
    pub fn learn(&mut self, titles: &Json) {
        let titles = titles.as_object().into_iter().flatten();
        self.by_id
            .extend(titles.map(|(id, title)| (id.clone(), text(title).to_owned())));
    }

    /// Looks up the regions among the values of a field.
    pub fn learn_regions<'j>(
        &mut self,
        core: &Core,
        entity: &str,
        values: impl Iterator<Item = (&'j str, &'j Json)>,
    ) -> Result<(), ApiError> {
        let mut codes = BTreeSet::new();
        for (key, value) in values {
            let is_region = self
                .field(entity, key)
                .is_some_and(|field| field["type"] == "region");
            if let (true, Some(code)) = (is_region, value.as_str()) {
                codes.insert(code);
            }
        }
        if codes.is_empty() {
            return Ok(());
        }
        let known = core.call("region_names", json!({ "codes": codes }))?;
        for region in list_of(&known["regions"]) {
            let path: Vec<&str> = list_of(&region["path"]).iter().map(text).collect();
            self.regions
                .insert(text(&region["code"]).to_owned(), path.join(" "));
        }
        Ok(())
    }

    /// A value as people read it.
    pub fn shown(&self, entity: &str, key: &str, value: &Json) -> String {
        let kind = match self.field(entity, key) {
            Some(field) => text(&field["type"]),
            None => "instant",
        };
        match (kind, value) {
            (_, Json::Null) => String::new(),
            ("instant", Json::Number(at)) => at.as_i64().map(local_time).unwrap_or_default(),
            ("percent", Json::Number(number)) => format!("{number}%"),
            ("money", Json::Array(parts)) => match parts.as_slice() {
                [minor, currency] => amount(minor.as_i64().unwrap_or_default(), text(currency)),
                _ => value.to_string(),
            },
            ("region", Json::String(code)) => self.regions.get(code).unwrap_or(code).clone(),
            (_, Json::String(text)) => self.by_id.get(text).unwrap_or(text).clone(),
            (_, Json::Bool(yes)) => {
                self.language.of(["否", "是"], ["no", "yes"])[usize::from(*yes)].to_owned()
            }
            (_, Json::Array(values)) => {
                let values: Vec<String> = values
                    .iter()
                    .map(|value| self.shown(entity, key, value))
                    .collect();
                values.join(self.language.of("、", ", "))
            }
            (_, value) => value.to_string(),
        }
    }
}

/// A JSON list, empty where there is none.
pub fn list_of(json: &Json) -> &[Json] {
    json.as_array().map(Vec::as_slice).unwrap_or_default()
}

pub fn entries_of(json: &Json) -> impl Iterator<Item = (&String, &Json)> {
    json.as_object().into_iter().flat_map(Map::iter)
}

/// A moment on the clock of this machine.
pub fn local_time(millis: i64) -> String {
    let at = DateTime::<Utc>::from_timestamp_millis(millis)
        .unwrap_or_default()
        .with_timezone(&Local);
    at.format("%Y-%m-%d %H:%M").to_string()
}

/// `123450, CNY` is ￥1,234.50.
fn amount(minor: i64, currency: &str) -> String {
    let digits = match currency {
        "JPY" | "KRW" | "VND" | "CLP" | "ISK" => 0,
        "KWD" | "BHD" | "OMR" | "TND" | "JOD" | "IQD" | "LYD" => 3,
        _ => 2,
    };
    let unit = 10_u64.pow(digits);
    let (whole, rest) = (minor.unsigned_abs() / unit, minor.unsigned_abs() % unit);
    let mut grouped = String::new();
    let plain = whole.to_string();
    for (at, digit) in plain.char_indices() {
        if at > 0 && (plain.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if minor < 0 { "-" } else { "" };
    let rest = if digits == 0 {
        String::new()
    } else {
        format!(".{rest:0width$}", width = digits as usize)
    };
    match currency {
        "CNY" => format!("{sign}￥{grouped}{rest}"),
        other => format!("{sign}{other} {grouped}{rest}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_grouped_and_carry_their_currency() {
        assert_eq!(amount(123_456_789, "CNY"), "￥1,234,567.89");
        assert_eq!(amount(-5, "CNY"), "-￥0.05");
        assert_eq!(amount(100_000, "JPY"), "JPY 100,000");
        assert_eq!(amount(1_234, "KWD"), "KWD 1.234");
    }
}
