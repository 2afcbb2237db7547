//! Synchronisation as people see it: where this laptop stands with its server, what waits, what needs somebody, and how a
//! laptop comes to a server (docs/sync-protocol.md).
//!
//! What needs the network and does not get through is refused as `sync_` and the code of [`SyncTrouble`], e.g. `sync_offline`,
//! `sync_portal`, `sync_certificate`, `sync_wrong_login`, `sync_rate_limited` {`retry_after`: seconds}, `sync_revoked`,
//! `sync_invalid` {`field`, `rule`}. Others: `invitation_unreadable`, `invitation_newer`, `already_joined`, `not_enrolled`,
//! `not_joined`, `sample_present`, `password_short` {`least`}, `invitation_other_server`, `invitation_other_org`,
//! `invitation_other_person`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::api::records::{FieldChange, Titles};

/// Where this laptop stands with its server. Told anew by [`crate::api::event::Event::Sync`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SyncStatus {
    /// Absent on a laptop of its own.
    pub account: Option<SyncAccount>,
    pub phase: SyncPhase,
    /// What the server misses of this laptop's work: operations.
    pub pending: u32,
    /// Answers of the server that somebody has to look at.
    pub attention: u32,
    /// Cards that are this person's to decide.
    pub conflicts: u32,
    /// When everything was last told, heard and compared; milliseconds.
    #[ts(type = "number | null")]
    pub last_sync: Option<i64>,
    /// When the oldest operation was made that the server misses; milliseconds.
    #[ts(type = "number | null")]
    pub waiting_since: Option<i64>,
    /// Why it does not go on by itself, or why the last try failed.
    pub trouble: Option<SyncTrouble>,
    pub progress: Option<SyncProgress>,
    pub weak_network: bool,
    /// Server's clock minus this laptop's, milliseconds; worth a word beyond two minutes.
    #[ts(type = "number")]
    pub clock_offset: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SyncAccount {
    /// The address that answered last, or the first.
    pub server: String,
    pub login: String,
    pub user: Uuid,
    /// `salesperson`, `manager`, `admin`; absent until the server said it.
    pub role: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SyncPhase {
    /// No server.
    Alone,
    /// Somebody paused it.
    Paused,
    /// Telling and hearing right now.
    Syncing,
    /// Everything is told and heard.
    UpToDate,
    /// Work waits for the next session, which begins by itself.
    Waiting,
    /// The server cannot be reached; it is tried again by itself.
    Offline,
    /// It does not go on by itself: `trouble` says why.
    Stopped,
}

/// `code` is one of `offline`, `cut` (broke off), `portal`, `certificate`, `busy`, `rate_limited`, `server` (it failed),
/// `garbled` (an answer that this version cannot read), `login_required`, `revoked`, `too_old`, `diverged`, `disk_full`, `stuck`,
/// `refused`, `put_off` {`count`: the server cannot take some work yet}, or the code of a local error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SyncTrouble {
    pub code: String,
    pub params: BTreeMap<String, String>,
    /// Whether a person has to do something before it goes on.
    pub stops: bool,
    /// The next try, milliseconds.
    #[ts(type = "number | null")]
    pub retry_at: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SyncProgress {
    /// `sending`, `receiving`, `comparing`.
    pub step: String,
    pub done: u32,
    pub total: Option<u32>,
}

#[derive(Debug, Deserialize, TS)]
pub struct PauseSync {
    pub paused: bool,
}

#[derive(Debug, Deserialize, TS)]
pub struct WeakNetwork {
    /// Smaller pages, rarer tries, nothing fetched that can wait.
    pub weak: bool,
}

/// What happened, the latest first.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SyncLog {
    pub entries: Vec<SyncLogEntry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SyncLogEntry {
    #[ts(type = "number")]
    pub at: i64,
    /// `joined`, `synced`, `failed`, `paused`, `resumed`, `handed_over`, `merged` {`count`: edits that met others'},
    /// `lost` {`count`: values that did not stand; the history has them}, `rejected` {`count`: edits that the server refused},
    /// `new_epoch`, `copied`, `repaired`, `evidence`, `restarted`; to be translated.
    pub code: String,
    pub params: BTreeMap<String, String>,
}

/// The line that an administrator hands over.
#[derive(Debug, Deserialize, TS)]
pub struct ReadInvitation {
    pub invitation: String,
}

/// What an invitation says, before anything is sent.
#[derive(Debug, Clone, Serialize, TS)]
pub struct InvitationView {
    pub servers: Vec<String>,
    pub login: String,
    /// SHA-256 of the certificate that is trusted, in hexadecimal; absent where TLS is not the server's own doing.
    pub fingerprint: Option<String>,
    /// What of this laptop would go to the server.
    pub records: u32,
}

/// Comes in with the invitation and the password chosen now. No record is sent yet: `join` does that, after the preview.
#[derive(Debug, Deserialize, TS)]
pub struct EnrolRequest {
    pub invitation: String,
    pub password: String,
}

/// Customers of this laptop that the company has already (B21).
#[derive(Debug, Clone, Serialize, TS)]
pub struct JoinPreview {
    pub account: SyncAccount,
    /// What of this laptop goes to the server: records by entity.
    pub records: BTreeMap<String, u32>,
    pub matches: Vec<JoinMatch>,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct JoinMatch {
    /// The customer of this laptop.
    pub id: Uuid,
    pub name: String,
    /// `uscc`, `phone`, `name`.
    pub reason: String,
    /// The company's customer, where this person may see it.
    pub theirs: Option<JoinTheirs>,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct JoinTheirs {
    pub id: Uuid,
    pub name: String,
    /// Whether this user may make one of both: what a colleague only shared for reading stays as it is.
    pub may_merge: bool,
}

/// Sends what this laptop has. `merge` names customers whose records go to the company's own one after the first sync;
/// every other is sent as it is.
#[derive(Debug, Deserialize, TS)]
pub struct JoinRequest {
    pub merge: Vec<Uuid>,
}

/// Comes in again: the password was changed, or the device was away too long.
#[derive(Debug, Deserialize, TS)]
pub struct LogInRequest {
    pub password: String,
    /// Where an administrator took the password away: the new invitation for the same person, with which `password` is
    /// chosen anew. File, outbox and device stay. One of another server, company or person is refused as
    /// `invitation_other_server`, `invitation_other_org`, `invitation_other_person`.
    #[serde(default)]
    #[ts(optional)]
    pub invitation: Option<String>,
}

#[derive(Debug, Deserialize, TS)]
pub struct OutboxRequest {
    pub offset: u32,
    /// At most 500.
    pub limit: u32,
}

/// What the server misses, the latest first; an import is one line.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Outbox {
    pub total: u32,
    pub lines: Vec<OutboxLine>,
    pub titles: Titles,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct OutboxLine {
    pub op: Uuid,
    pub tx: Uuid,
    pub entity: String,
    pub record: Uuid,
    pub title: String,
    /// `create`, `update`, `delete`, `restore`, `transfer`, `merge`, `split`.
    pub kind: String,
    /// Where it was made: `form`, `import:<batch>`, …
    pub origin: String,
    #[ts(type = "number")]
    pub at: i64,
    /// `waiting`: never sent, it can be taken back; `sent`: under way.
    pub state: String,
    pub fields: Vec<FieldChange>,
    /// Operations that this line stands for: 1, or those of an import.
    pub count: u32,
}

/// One operation of this laptop.
#[derive(Debug, Deserialize, TS)]
pub struct OpRef {
    pub record: Uuid,
    pub op: Uuid,
}

/// Answers that somebody has to look at, the latest first. What was typed is in `fields`.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Attention {
    pub items: Vec<AttentionItem>,
    pub titles: Titles,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct AttentionItem {
    pub op: Uuid,
    pub entity: String,
    pub record: Uuid,
    pub title: String,
    pub kind: String,
    #[ts(type = "number")]
    pub at: i64,
    /// `rejected` or `handed_over`.
    pub outcome: String,
    /// Why it was rejected: `forbidden`, `not_found`, `no_root`, `moved`, `invalid`, `malformed`, `with_others`, `server_only`.
    pub code: Option<String>,
    /// The field that is to blame.
    pub field: Option<String>,
    /// To whom it was handed over.
    pub to: Option<Uuid>,
    pub fields: Vec<FieldChange>,
    /// Whether the same can be tried again here: the record is still on this laptop, or was new.
    pub can_retry: bool,
    /// Edits that this item stands for: what was handed over of one record is one item, named by its latest operation.
    #[ts(optional, as = "Option<u32>")]
    pub count: u32,
}

/// Whether records have work that the server misses.
#[derive(Debug, Deserialize, TS)]
pub struct UnsyncedRequest {
    pub ids: Vec<Uuid>,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct UnsyncedRecords {
    /// `waiting` or `sent` by record; those that the server has are left out.
    pub states: BTreeMap<Uuid, String>,
}

#[derive(Debug, Deserialize, TS)]
pub struct ConflictsRequest {
    /// Also those settled in the last 30 days.
    #[serde(default)]
    pub settled: bool,
}

/// Cards of the records on this laptop, the latest first (B6).
#[derive(Debug, Clone, Serialize, TS)]
pub struct Conflicts {
    pub cards: Vec<ConflictCard>,
    pub titles: Titles,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct ConflictCard {
    pub id: Uuid,
    /// `critical`, `deleted`, `revived`, `proposed`, `duplicate`.
    pub kind: String,
    pub customer: Option<Uuid>,
    pub customer_name: String,
    pub entity: String,
    pub record: Uuid,
    pub title: String,
    /// The fields in question; none where the whole record is.
    pub fields: Vec<ConflictField>,
    pub your_author: Option<Uuid>,
    pub their_author: Option<Uuid>,
    #[ts(type = "number | null")]
    pub your_time: Option<i64>,
    #[ts(type = "number | null")]
    pub their_time: Option<i64>,
    /// `open`, `yours`, `theirs`, `other`.
    pub state: String,
    /// Whether it is this person's to decide.
    pub mine: bool,
    #[ts(type = "number")]
    pub made_at: i64,
    /// The step that settled it, while it can be taken back (30 days).
    pub settled_by: Option<Uuid>,
    /// Who settled it; absent while it is open, or where the server does not say.
    #[ts(optional = nullable)]
    pub decided_by: Option<Uuid>,
    /// Whether that was done on this laptop. What was decided elsewhere cannot be taken back here, however young it is.
    #[ts(optional, as = "Option<bool>")]
    pub decided_here: bool,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct ConflictField {
    pub field: String,
    #[ts(type = "JsonValue")]
    pub base: serde_json::Value,
    #[ts(type = "JsonValue")]
    pub yours: serde_json::Value,
    #[ts(type = "JsonValue")]
    pub theirs: serde_json::Value,
    /// What stands in the record now.
    #[ts(type = "JsonValue")]
    pub current: serde_json::Value,
}

/// Of a field the choice is what it holds from now on; of what somebody proposed, `yours` takes it over and `theirs` leaves
/// it. Of `deleted` cards `yours` removes the record and `theirs` keeps it; of `revived` ones `yours` keeps it and `theirs`
/// removes it again. Of duplicates `yours` makes one customer of the two, and `theirs` says that they are two companies.
#[derive(Debug, Deserialize, TS)]
pub struct SettleConflicts {
    pub ids: Vec<Uuid>,
    /// `yours` or `theirs`.
    pub choice: String,
}

/// What deciding cards did. Those that somebody settled meanwhile are left as they are; where none is left to decide it is
/// refused as `already_settled`.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Settled {
    /// The first card that was decided.
    pub id: Uuid,
    pub tx: Uuid,
    pub changed: u32,
    /// Cards that somebody had settled meanwhile.
    #[ts(optional, as = "Option<Vec<Uuid>>")]
    pub skipped: Vec<Uuid>,
}

/// Gives customers, with everything below them, to a colleague.
#[derive(Debug, Deserialize, TS)]
pub struct TransferCustomers {
    pub customers: Vec<Uuid>,
    /// Absent: they go to the pool.
    pub to: Option<Uuid>,
    /// Why: it goes along with each customer as an interaction, for whoever gets it.
    #[serde(default)]
    #[ts(optional)]
    pub reason: Option<String>,
}

/// What goes along with customers.
#[derive(Debug, Clone, Serialize, TS)]
pub struct TransferPreview {
    pub customers: u32,
    /// Records below them by entity.
    pub below: BTreeMap<String, u32>,
    /// Deals and reminders of the present owners, which get the new one.
    pub owned: u32,
    /// Whether this laptop will not have them any longer.
    pub leaves: bool,
}

/// Makes `record` out of two customers; `other` goes to the recycle bin with a redirect.
#[derive(Debug, Deserialize, TS)]
pub struct MergeCustomers {
    pub record: Uuid,
    pub other: Uuid,
}

#[derive(Debug, Deserialize, TS)]
pub struct Share {
    pub customer: Uuid,
    pub user: Uuid,
    /// `read` or `write`; absent, the share ends.
    #[serde(default)]
    #[ts(optional)]
    pub level: Option<String>,
}

/// What was fetched of a record's history.
#[derive(Debug, Serialize, TS)]
pub struct OlderHistory {
    /// Changes that were not told here before.
    pub added: u32,
}
