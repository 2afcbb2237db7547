//! What the core tells without being asked.

use serde::Serialize;
use ts_rs::TS;
use uuid::Uuid;

#[derive(Debug, Clone, Serialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// Records changed: the window refreshes what shows them. `ids` is cut at 1,000; `all` then says
    /// that anything of these entities may have changed.
    Changed {
        entities: Vec<String>,
        ids: Vec<Uuid>,
        all: bool,
    },
    /// A view's whole list is gathered.
    ViewCounted { view: u32, count: u32 },
    /// At most ten a second. `phase`: `reading`, `planning`, `applying`.
    ImportProgress {
        import: u32,
        phase: String,
        done: u32,
        total: Option<u32>,
    },
    /// Reminders came due; `missed` groups those that came due while Ketu was not running.
    RemindersDue {
        /// Ready to show in the user's language.
        title: String,
        body: String,
        reminders: Vec<DueReminder>,
        missed: bool,
    },
    /// The data file's state changed; ask `status`.
    Status,
    /// Where this laptop stands with its server changed; ask `sync_status`. At most five a second.
    Sync,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct DueReminder {
    pub id: Uuid,
    pub title: String,
    pub customer: Option<Uuid>,
    pub customer_name: Option<String>,
    #[ts(type = "number")]
    pub due_at: i64,
}
