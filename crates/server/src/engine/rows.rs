//! Records and what surrounds them as rows: ids are bytes, fields and versions JSON, scopes, reasons and levels text.

use std::collections::BTreeMap;

use ketu_model::authorize::{Level, Scope};
use ketu_sync::record::{Record, Seq, Touch, Version};
use ketu_sync::server::{Reason, Share};
use serde::{Deserialize, Serialize};

use crate::db::{DbError, Params, Result as DbResult, Row};
use crate::ids::OrgId;
use crate::params;

#[derive(Serialize)]
struct VersionsOut<'r> {
    version: &'r Version,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    overrides: &'r BTreeMap<String, Version>,
    last: &'r Touch,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_other: &'r Option<Touch>,
    #[serde(skip_serializing_if = "<[Seq]>::is_empty")]
    vouched: &'r [Seq],
    #[serde(skip_serializing_if = "<[Seq]>::is_empty")]
    unplaced: &'r [Seq],
}

#[derive(Deserialize)]
struct VersionsIn {
    version: Version,
    #[serde(default)]
    overrides: BTreeMap<String, Version>,
    last: Touch,
    last_other: Option<Touch>,
    #[serde(default)]
    vouched: Vec<Seq>,
    #[serde(default)]
    unplaced: Vec<Seq>,
}

pub(super) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("what the engine keeps is plain data")
}

pub(super) fn from_json<T: for<'de> Deserialize<'de>>(
    row: &mut Row,
    column: &'static str,
) -> DbResult<T> {
    let text: String = row.take(column)?;
    serde_json::from_str(&text).map_err(|_| DbError::Column(column))
}

pub(super) fn record(mut row: Row) -> DbResult<Record> {
    let versions: VersionsIn = from_json(&mut row, "versions")?;
    Ok(Record {
        entity: row.take("entity")?,
        id: row.get("id")?,
        root: row.get("root_id")?,
        rev: row.get("rev")?,
        created_at: row.get("created_at")?,
        created_by: row.get("created_by")?,
        updated_at: row.get("updated_at")?,
        updated_by: row.get("updated_by")?,
        deleted: row.get("deleted")?,
        fields: from_json(&mut row, "fields")?,
        version: versions.version,
        overrides: versions.overrides,
        last: versions.last,
        last_other: versions.last_other,
        vouched: versions.vouched,
        unplaced: versions.unplaced,
    })
}

pub(super) fn of_record(org: OrgId, record: &Record) -> Params {
    let versions = VersionsOut {
        version: &record.version,
        overrides: &record.overrides,
        last: &record.last,
        last_other: &record.last_other,
        vouched: &record.vouched,
        unplaced: &record.unplaced,
    };
    params! {
        org_id: org, id: record.id, entity: &record.entity, root_id: record.root, rev: record.rev,
        created_at: record.created_at, created_by: record.created_by, updated_at: record.updated_at,
        updated_by: record.updated_by, deleted: record.deleted, fields: json(&record.fields),
        versions: json(&versions),
    }
}

pub(super) fn scope(row: &Row) -> DbResult<Scope> {
    let text: String = row.get("scope")?;
    text.parse().map_err(|_| DbError::Column("scope"))
}

pub(super) fn share(row: &Row) -> DbResult<Share> {
    Ok(Share {
        user: row.get("user_id")?,
        level: level(&row.get::<String>("level")?),
        reason: reason(&row.get::<String>("reason")?).ok_or(DbError::Column("reason"))?,
    })
}

fn reason(text: &str) -> Option<Reason> {
    match text.split_once(':') {
        None if text == "given" => Some(Reason::Given),
        Some(("opportunity", id)) => id.parse().ok().map(Reason::Opportunity),
        _ => None,
    }
}

pub(super) fn reason_text(reason: Reason) -> String {
    match reason {
        Reason::Given => "given".to_owned(),
        Reason::Opportunity(id) => format!("opportunity:{id}"),
    }
}

/// A level that a newer server wrote gives the least here.
fn level(text: &str) -> Level {
    crate::accounts::level_of(text)
}
