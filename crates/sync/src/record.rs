//! Records as the server holds them, and rows as they are sent (docs/sync-protocol.md §1.2, §1.3).

use std::collections::BTreeMap;

use ketu_model::clock::Hlc;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::message::weight;

/// A place in the organisation's total order of changes; 0 comes before all of them.
pub type Seq = i64;

/// The name under which a deletion stands among a record's versions and in a patch.
pub const DELETED: &str = "deleted_at";
/// Where a merged record's redirect stands.
pub const MERGED_INTO: &str = "merged_into";
/// What a record's number was before another one was found to have it.
pub const FORMER_NUMBERS: &str = "former_numbers";

pub type Values = BTreeMap<String, Json>;

/// Who last set a field, and when.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    pub rev: Seq,
    pub hlc: Hlc,
    pub author: Option<Uuid>,
    /// The incarnation that sent it.
    pub writer: Uuid,
    /// The op that it came with.
    pub op: Uuid,
    /// What its author had seen of the field: what is sent again and stood below this was known to be replaced.
    #[serde(default)]
    pub base: Seq,
    /// Its revs in lives of the server that ended with a restore (§7.1).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub was: Vec<Seq>,
}

/// A record with the versions of its fields.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    pub entity: String,
    pub id: Uuid,
    pub root: Uuid,
    /// The greatest of its versions' revs.
    pub rev: Seq,
    /// Milliseconds since 1970, UTC.
    pub created_at: i64,
    pub created_by: Option<Uuid>,
    pub updated_at: i64,
    pub updated_by: Option<Uuid>,
    pub deleted: Option<i64>,
    /// In canonical form; a field without a value is not there.
    pub fields: Values,
    /// The version of every field that has no override.
    pub version: Version,
    pub overrides: BTreeMap<String, Version>,
    /// The last change, and the last one by another incarnation than that: a merged field has only one version, and
    /// whether anybody else changed the record has to be known all the same.
    pub last: Touch,
    pub last_other: Option<Touch>,
    /// The rev of the latest row of it that was vouched for, for each life of the server that ended (§7.7).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vouched: Vec<Seq>,
    /// Those of them that were taken but for their place: what they hang below was not there yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unplaced: Vec<Seq>,
}

/// That an incarnation changed a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Touch {
    pub writer: Uuid,
    pub rev: Seq,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub was: Vec<Seq>,
}

impl From<&Version> for Touch {
    fn from(version: &Version) -> Self {
        Self {
            writer: version.writer,
            rev: version.rev,
            was: version.was.clone(),
        }
    }
}

impl Record {
    /// Marks that the version's incarnation changed something.
    pub fn touch(&mut self, version: &Version) {
        self.rev = self.rev.max(version.rev);
        let touch = Touch::from(version);
        if self.last.writer != touch.writer {
            self.last_other = Some(std::mem::replace(&mut self.last, touch));
        } else {
            self.last = touch;
        }
    }

    /// The last change by another incarnation than this one.
    pub fn last_by_others(&self, writer: Uuid) -> Option<&Touch> {
        if self.last.writer == writer {
            self.last_other.as_ref()
        } else {
            Some(&self.last)
        }
    }

    pub fn value(&self, field: &str) -> &Json {
        self.fields.get(field).unwrap_or(&Json::Null)
    }

    pub fn id_in(&self, field: &str) -> Option<Uuid> {
        id_of(self.value(field))
    }

    pub fn version_of(&self, field: &str) -> &Version {
        self.overrides.get(field).unwrap_or(&self.version)
    }

    /// Whether a field stands as the record was made.
    pub fn is_made_with(&self, field: &str) -> bool {
        !self.overrides.contains_key(field) && !self.version.op.is_nil()
    }

    /// All its versions, with the field they are about; the record's own without one.
    pub fn versions(&self) -> impl Iterator<Item = &Version> {
        std::iter::once(&self.version).chain(self.overrides.values())
    }

    /// Sets a field under a version; an empty value takes it away.
    pub fn set(&mut self, field: &str, value: Json, version: Version) {
        self.touch(&version);
        match canonical(value) {
            Json::Null => drop(self.fields.remove(field)),
            value => drop(self.fields.insert(field.to_owned(), value)),
        }
        self.overrides.insert(field.to_owned(), version);
    }

    pub fn set_deleted(&mut self, at: Option<i64>, version: Version) {
        self.touch(&version);
        self.deleted = at;
        self.overrides.insert(DELETED.to_owned(), version);
    }

    /// The record as it is sent.
    pub fn row(&self) -> Row {
        Row {
            entity: self.entity.clone(),
            id: self.id,
            root: self.root,
            rev: self.rev,
            created_at: self.created_at,
            created_by: self.created_by,
            updated_at: self.updated_at,
            updated_by: self.updated_by,
            deleted: self.deleted,
            fields: self.fields.clone(),
        }
    }
}

/// A record as it is sent, and as a laptop knows that the server has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub entity: String,
    pub id: Uuid,
    pub root: Uuid,
    pub rev: Seq,
    pub created_at: i64,
    pub created_by: Option<Uuid>,
    pub updated_at: i64,
    pub updated_by: Option<Uuid>,
    pub deleted: Option<i64>,
    pub fields: Values,
}

impl Row {
    pub fn value(&self, field: &str) -> &Json {
        self.fields.get(field).unwrap_or(&Json::Null)
    }

    pub fn id_in(&self, field: &str) -> Option<Uuid> {
        id_of(self.value(field))
    }

    pub fn set(&mut self, field: &str, value: Json) {
        match canonical(value) {
            Json::Null => drop(self.fields.remove(field)),
            value => drop(self.fields.insert(field.to_owned(), value)),
        }
    }

    /// About how many bytes it has.
    pub(crate) fn weight(&self) -> usize {
        let values = self.fields.iter();
        values
            .map(|(key, value)| key.len() + weight(value))
            .sum::<usize>()
            + 300
    }

    /// The first 16 bytes of BLAKE3 over the row in canonical JSON (§6.1).
    pub fn sum(&self) -> u128 {
        let head = (
            &self.entity,
            self.id,
            self.root,
            self.rev,
            self.created_at,
            self.created_by,
            self.updated_at,
            self.updated_by,
            self.deleted,
        );
        let mut json = Vec::with_capacity(1_024);
        serde_json::to_writer(&mut json, &head).expect("a row is plain data");
        // A map in order of its keys; its values are canonical already.
        serde_json::to_writer(&mut json, &self.fields).expect("values are plain data");
        let mut hasher = blake3::Hasher::new();
        hasher.update(&json);
        let mut first = [0; 16];
        first.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        u128::from_be_bytes(first)
    }
}

pub fn id_of(value: &Json) -> Option<Uuid> {
    value.as_str()?.parse().ok()
}

pub fn id_json(id: Uuid) -> Json {
    Json::String(id.to_string())
}

/// The one form of a value: object keys sorted, whole numbers without a fraction, empty texts and lists nothing.
/// Equal values are equal bytes, whoever wrote them.
pub fn canonical(value: Json) -> Json {
    match value {
        Json::String(text) if text.is_empty() => Json::Null,
        Json::Array(items) if items.is_empty() => Json::Null,
        Json::Array(items) => Json::Array(items.into_iter().map(canonical).collect()),
        Json::Object(map) => {
            let sorted: BTreeMap<String, Json> =
                map.into_iter().map(|(k, v)| (k, canonical(v))).collect();
            Json::Object(sorted.into_iter().collect())
        }
        Json::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() && is_whole(float) => Json::from(float as i64),
            _ => Json::Number(number),
        },
        other => other,
    }
}

/// Whether a float is an integer that it holds exactly.
fn is_whole(float: f64) -> bool {
    float.fract() == 0.0 && float.abs() < 9_007_199_254_740_992.0
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn equal_values_have_one_canonical_form() {
        for (value, form) in [
            (json!(1.0), json!(1)),
            (json!(-0.5), json!(-0.5)),
            (json!(""), Json::Null),
            (json!([]), Json::Null),
            (json!([5.0, "CNY"]), json!([5, "CNY"])),
            (json!({"b": 2.0, "a": ""}), json!({"a": null, "b": 2})),
        ] {
            assert_eq!(canonical(value).to_string(), form.to_string());
        }
        assert_eq!(canonical(json!(-0.0)).to_string(), "0");
    }
}
