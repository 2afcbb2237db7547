//! Tests that look into the file itself, past the store's own words.

#[path = "../../tests/support/mod.rs"]
mod support;

mod capture;
mod confirmed;
mod journal;
mod leases;
mod ledger;
mod migrating;
mod refusals;

use rusqlite::Connection;
use serde_json::Value as Json;
use uuid::Uuid;

use crate::file::beside;
use support::Laptop;

/// A connection that another program with the right key could have.
fn raw(laptop: &Laptop) -> Connection {
    beside(&laptop.folder().database(), laptop.store().key()).expect("the key opens the file")
}

/// The overriding field versions of a record, as JSON.
fn versions(laptop: &Laptop, entity: &str, id: Uuid) -> Json {
    let sql = format!("select versions from {entity} where id = ?1");
    let text: Option<String> = raw(laptop)
        .query_row(&sql, [id], |row| row.get(0))
        .expect("the record is there");
    text.map_or(Json::Null, |text| {
        serde_json::from_str(&text).expect("versions are JSON")
    })
}
