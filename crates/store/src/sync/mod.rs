//! The laptop's side of synchronisation in the file (docs/sync-protocol.md, docs/adr/0008): what the server's rows look
//! like, what is loaded before an event is taken in, what is written after it, and the outbox. Nothing is decided here:
//! that is the engine's.

mod doubted;
mod lines;
mod load;
mod outbox;
mod row;
mod seal;

use std::collections::BTreeMap;

use ketu_model::authorize::Scope;
use ketu_model::clock::Hlc;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::error::{Result, StoreError};
use crate::store::Store;

pub use lines::Line;
pub use load::{ConfirmedRow, KnownRecord, Lookup};
pub(crate) use load::{confirmed_here, entity_of};
pub use outbox::{Counts, Unsynced};
pub use row::ServerRow;
pub(crate) use row::{Shaped, server_row, shaped};
pub use seal::Seal;

/// Set where records were purged that backups still have.
pub(crate) const IN_BACKUPS: &str = "purged_in_backups";

/// What the laptop remembers of its agreement with the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncState {
    pub incarnation: Uuid,
    /// What new operations say that their author has seen.
    pub checkpoint: i64,
    /// The server's clock minus this laptop's, milliseconds.
    pub clock_offset: i64,
    /// The engine's own words, JSON.
    pub state: String,
}

/// That a scope holds a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership {
    /// Of the snapshot that named it last.
    pub generation: u32,
    /// It left; the purge waits for answers.
    pub leaving: bool,
}

/// Where an operation of this laptop stands on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpState {
    Pending,
    Sent,
    Answered,
    Done,
}

impl OpState {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sent => "sent",
            Self::Answered => "answered",
            Self::Done => "done",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Pending, Self::Sent, Self::Answered, Self::Done]
            .into_iter()
            .find(|state| state.as_str() == text)
    }

    /// Whether the view still needs it.
    pub fn is_live(self) -> bool {
        self != Self::Done
    }
}

/// An operation of this laptop (§1.4).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OwnOp {
    /// Its place in the log of this file.
    pub place: i64,
    pub op: Uuid,
    /// 0 until it is sent.
    pub op_seq: i64,
    pub tx: Uuid,
    pub atomic: bool,
    pub entity: String,
    pub record: Uuid,
    pub root: Uuid,
    pub kind: String,
    pub patch: BTreeMap<String, (Json, Json)>,
    pub other: Option<Uuid>,
    pub base: i64,
    /// JSON: `{"field": {"op", "base"}}`.
    pub chain: Option<String>,
    pub seen: i64,
    pub hlc: Hlc,
    pub author: Option<Uuid>,
    pub origin: String,
    pub schema: u32,
    /// Its places before the server was restored and forgot it, JSON.
    pub was: Option<String>,
    pub carrier: Option<Uuid>,
    pub state: OpState,
    pub seq: Option<i64>,
    /// The server's answer, JSON.
    pub outcome: Option<String>,
    /// Fields that did not stand when it was answered.
    #[serde(default)]
    pub lost: Vec<String>,
}

/// Where an operation stands from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpMark {
    /// The operation's place in the log.
    pub place: i64,
    /// 0 until it is sent.
    pub op_seq: i64,
    /// Its places before the server was restored and forgot it, JSON.
    pub was: Option<String>,
    pub state: OpState,
    pub seq: Option<i64>,
    pub outcome: Option<String>,
    /// Fields that did not stand.
    pub lost: Vec<String>,
    /// Whether a person has to look at the answer.
    pub attention: bool,
}

impl OpMark {
    /// Whether the next one stands behind it in the log, in its incarnation and in the server's order, and is told the same.
    pub(crate) fn is_followed_by(&self, next: &Self) -> bool {
        let behind = |seq: Option<i64>| seq.map(|seq| seq + 1);
        self.op_seq != 0
            && (self.place + 1, self.op_seq + 1) == (next.place, next.op_seq)
            && behind(self.seq) == next.seq
            && (self.state, self.attention) == (next.state, next.attention)
            && (&self.was, &self.outcome, &self.lost) == (&next.was, &next.outcome, &next.lost)
    }
}

/// What is known and shown of a record from now on.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordWrite {
    pub id: Uuid,
    /// The server's row with its seal, where it is new.
    pub confirmed: Option<(ServerRow, Seal)>,
    /// What is shown; nothing where there is nothing to show, or nothing new. A confirmed row without it is what is shown
    /// already.
    pub shown: Option<ServerRow>,
    /// Nothing is to remain of it.
    pub purged: bool,
}

/// What an operation did, as the server tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    pub seq: i64,
    pub op: Uuid,
    pub tx: Uuid,
    pub entity: String,
    pub record: Uuid,
    pub root: Uuid,
    pub kind: String,
    pub patch: BTreeMap<String, (Json, Json)>,
    /// Fields whose new value did not stand.
    pub lost: Vec<String>,
    /// As its author's laptop had it.
    pub hlc: Hlc,
    pub author: Option<Uuid>,
    pub writer: Uuid,
    pub origin: String,
}

/// The name of a record outside the laptop's scopes that one inside refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stub {
    pub id: Uuid,
    pub entity: String,
    pub name: String,
}

/// All that an event changes.
#[derive(Debug, Clone, Default)]
pub struct SyncWrites {
    pub state: Option<SyncState>,
    pub ops: Vec<OpMark>,
    pub records: Vec<RecordWrite>,
    /// Records whose confirmed revision counts for nothing from now on.
    pub doubted: Vec<Uuid>,
    pub scopes: Vec<(Scope, Uuid, Option<Membership>)>,
    /// Added to the buckets' sums, modulo 2^128.
    pub sums: Vec<(Scope, u8, u128)>,
    pub history: Vec<Told>,
    pub stubs: Vec<Stub>,
}

impl Store {
    /// Absent where there is no server.
    #[allow(
        clippy::redundant_closure_for_method_calls,
        reason = "the method itself is not general over the reader's lifetime"
    )]
    pub fn sync_state(&self) -> Result<Option<SyncState>> {
        self.read(|reader| reader.sync_state())
    }

    /// Whether backups have records of which nothing is to remain (docs/sync-protocol.md §5.5).
    pub fn has_purged_in_backups(&self) -> Result<bool> {
        let noted = self.read(|reader| reader.meta(IN_BACKUPS))?;
        Ok(noted.as_deref() == Some("1"))
    }

    /// They are gone from there too.
    pub fn purged_from_backups(&self) -> Result<()> {
        self.set_meta(IN_BACKUPS, "0")
    }

    /// Whether the file is a copy or was restored: its incarnation and the folder's are not the same, and it must take
    /// a new one before it sends anything (docs/sync-protocol.md §1.6).
    pub fn was_copied(&self) -> Result<bool> {
        let Some(here) = self.sync_state()? else {
            return Ok(false);
        };
        let path = self.folder().incarnation();
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(text.trim().parse() != Ok(here.incarnation)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
            Err(error) => Err(StoreError::io("read", path)(error)),
        }
    }
}
