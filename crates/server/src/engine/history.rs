//! What a record was before the last changes that a pull tells of (docs/sync-protocol.md §5.11).

use ketu_model::authorize::Act;
use ketu_sync::message::HistoryEntry;
use ketu_sync::record::Seq;
use uuid::Uuid;

use super::{Engine, access};
use crate::accounts::Who;
use crate::db::{DbError, Tx};
use crate::error::Result;
use crate::params;

/// Entries of one answer at most.
const MOST: usize = 200;
/// Bytes of them; one that is longer comes alone.
const BYTES: usize = 2 << 20;

/// Entries of one record, the newest first.
#[derive(Debug, Default)]
pub struct Older {
    pub entries: Vec<HistoryEntry>,
    /// Whether there are older ones still.
    pub more: bool,
}

impl Engine {
    /// What is told of a record below a seq, for whoever sees the record.
    ///
    /// # Errors
    /// [`Refusal::NotFound`](crate::error::Refusal::NotFound) of a record that the user does not see; the database's.
    pub async fn history(&self, who: Who, record: Uuid, below: Seq) -> Result<Older> {
        let read = self.0.db.read(move |tx| {
            Box::pin(async move {
                access::require(tx, who, record, Act::See).await?;
                older(tx, who, record, below).await
            })
        });
        read.await
    }
}

async fn older(tx: &mut Tx, who: Who, record: Uuid, below: Seq) -> Result<Older> {
    let most = i64::try_from(MOST + 1).unwrap_or(i64::MAX);
    let asked = params! { org_id: who.org, record_id: record, below: below, most: most };
    let found = tx
        .query(include_str!("sql/older_history.sql"), asked)
        .await?;
    let mut older = Older::default();
    let mut bytes = 0;
    for mut row in found {
        let text: String = row.take("entry")?;
        bytes += text.len();
        let full = older.entries.len() == MOST || bytes > BYTES;
        if full && !older.entries.is_empty() {
            // What stands at one seq comes together: the next question is about what lies below it.
            let seq: Seq = row.get("seq")?;
            let whole = older.entries.partition_point(|entry| entry.seq > seq);
            older.entries.truncate(whole.max(1));
            older.more = true;
            break;
        }
        let entry = serde_json::from_str(&text).map_err(|_| DbError::Column("entry"))?;
        older.entries.push(entry);
    }
    Ok(older)
}
