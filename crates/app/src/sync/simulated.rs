//! What the simulator needs of a file that people's own ways do not give: ops that were made elsewhere, and what the
//! engine would be told of a record.

use ketu_store::sync::OwnOp;
use ketu_store::{Reader, Store, StoreError, Write};
use ketu_sync::client::{Local, Own};
use uuid::Uuid;

use super::{local, words};

type Result<T> = std::result::Result<T, StoreError>;

/// Keeps ops as if the door had made them.
pub fn keep(store: &Store, ops: &[Own]) -> Result<()> {
    let ops: Vec<OwnOp> = ops.iter().map(words::kept_op).collect();
    store.transact(Write::confirmed(), |door| local::put_back(door, &ops))?;
    Ok(())
}

/// A record as the engine sees it, with the server's row.
pub fn known(reader: &Reader<'_>, id: Uuid, entity: Option<&str>) -> Result<Local> {
    words::local(reader.lookup()?.record(id, entity, true)?)
}

pub fn unanswered(reader: &Reader<'_>) -> Result<Vec<Own>> {
    words::owns(reader.unanswered()?)
}
