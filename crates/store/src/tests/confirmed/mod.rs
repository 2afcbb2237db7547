//! The confirmed mode: the server's rows with this laptop's own edits on top, as the engine works them out
//! (docs/sync-protocol.md §5).

#![allow(clippy::unwrap_used)]
#![allow(
    clippy::redundant_closure_for_method_calls,
    reason = "the methods themselves are not general over the reader's lifetime"
)]

use std::collections::BTreeMap;

use ketu_model::authorize::Scope;
use ketu_model::clock::Hlc;
use ketu_model::{Fields, Value};
use serde_json::{Value as Json, json};
use uuid::Uuid;

mod ends;
mod rows;

use super::raw;
use super::support::{Laptop, NOW};
use crate::sync::{
    KnownRecord, Membership, OpMark, OpState, RecordWrite, Seal, ServerRow, SyncState, SyncWrites,
    Told,
};
use crate::{Change, Write};

const THEIRS: Uuid = Uuid::from_u128(0x77);
const ID: Uuid = Uuid::from_u128(0x99);
const MINE: Scope = Scope::Owner(THEIRS);

fn of_the_server(id: Uuid, rev: i64, fields: Json) -> ServerRow {
    ServerRow {
        entity: "customer".to_owned(),
        id,
        root: id,
        rev,
        created_at: NOW - 90_000,
        created_by: Some(THEIRS),
        updated_at: NOW - 60_000 + rev,
        updated_by: Some(THEIRS),
        deleted: None,
        fields: serde_json::from_value(fields).unwrap(),
    }
}

/// Its sum is for the engine to make; any number does here.
fn sum_of(row: &ServerRow) -> u128 {
    u128::try_from(row.rev).unwrap() << 64 | row.id.as_u128()
}

fn write(laptop: &Laptop, writes: SyncWrites) -> Vec<Change> {
    laptop
        .store()
        .transact(Write::confirmed(), |door| door.write_sync(writes))
        .unwrap()
        .changes
}

/// The server's row, and what the engine makes of it with the laptop's own edits.
fn confirm_with(laptop: &Laptop, row: ServerRow, shown: ServerRow) -> Vec<Change> {
    let sum = sum_of(&row);
    let held = Membership {
        generation: 1,
        leaving: false,
    };
    let writes = SyncWrites {
        scopes: vec![(MINE, row.id, Some(held))],
        records: vec![RecordWrite {
            id: row.id,
            confirmed: Some((row, sum.into())),
            shown: Some(shown),
            purged: false,
        }],
        ..SyncWrites::default()
    };
    write(laptop, writes)
}

fn confirm(laptop: &Laptop, row: ServerRow) -> Vec<Change> {
    confirm_with(laptop, row.clone(), row)
}

/// A customer that the server knows at revision 5.
fn pulled(laptop: &Laptop) -> ServerRow {
    let fields = json!({"name": "华科", "alias": "甲", "phone": "+8675526001234"});
    let row = of_the_server(ID, 5, fields);
    confirm(laptop, row.clone());
    row
}

fn known(laptop: &Laptop, id: Uuid) -> KnownRecord {
    laptop
        .store()
        .read(|reader| reader.lookup()?.record(id, None, true))
        .unwrap()
}

fn count(laptop: &Laptop, table: &str) -> i64 {
    raw(laptop)
        .query_row(&format!("select count(*) from {table}"), [], |row| {
            row.get(0)
        })
        .unwrap()
}

/// All ops of the laptop are over.
fn answered(laptop: &Laptop, id: Uuid) -> Vec<OpMark> {
    let ops = known(laptop, id).ops.into_iter();
    ops.map(|own| OpMark {
        place: own.place,
        op_seq: 1,
        was: None,
        state: OpState::Done,
        seq: Some(7),
        outcome: Some(r#"{"is":"applied"}"#.to_owned()),
        lost: Vec::new(),
        attention: false,
    })
    .collect()
}
