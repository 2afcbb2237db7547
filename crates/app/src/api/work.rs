//! A salesperson's day: the customer page, the board, interactions and reminders.

use ketu_model::query::Filter;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use super::event::DueReminder;
use super::records::{FieldValues, HistoryEntry, RecordView, Titles};

#[derive(Debug, Deserialize, TS)]
pub struct CustomerPageRequest {
    pub id: Uuid,
}

#[derive(Debug, Serialize, TS)]
pub struct CustomerPage {
    pub customer: RecordView,
    pub contacts: Vec<RecordView>,
    pub opportunities: Vec<RecordView>,
    /// People of other companies who play a part here.
    pub participations: Vec<RecordView>,
    /// Open reminders, the next one first.
    pub reminders: Vec<RecordView>,
    pub interaction_count: u32,
    #[ts(type = "number | null")]
    pub last_interaction_at: Option<i64>,
    /// Sum of open opportunities in minor units of the home currency.
    #[ts(type = "number")]
    pub open_amount: i64,
    pub titles: Titles,
}

#[derive(Debug, Deserialize, TS)]
pub struct TimelineRequest {
    pub customer: Uuid,
    /// Only entries before this point, as the previous page gave it.
    #[serde(default)]
    #[ts(optional, type = "number")]
    pub before: Option<i64>,
    pub limit: u32,
    /// `interactions`, `changes` or both where absent.
    #[serde(default)]
    #[ts(optional)]
    pub only: Option<String>,
}

#[derive(Debug, Serialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TimelineEntry {
    Interaction {
        #[ts(type = "number")]
        at: i64,
        record: RecordView,
    },
    Change {
        #[ts(type = "number")]
        at: i64,
        change: HistoryEntry,
    },
}

#[derive(Debug, Serialize, TS)]
pub struct Timeline {
    pub entries: Vec<TimelineEntry>,
    /// Where the next page starts; absent at the end.
    #[ts(type = "number | null")]
    pub next: Option<i64>,
    /// Whether the server has older changes, which can be fetched.
    pub older: bool,
    pub titles: Titles,
}

#[derive(Debug, Deserialize, TS)]
pub struct BoardRequest {
    pub pipeline: Uuid,
    #[serde(default)]
    #[ts(optional)]
    pub filter: Option<Filter>,
    /// Cards of each stage at most; the rest is counted.
    pub cards: u32,
}

#[derive(Debug, Serialize, TS)]
pub struct Board {
    pub columns: Vec<BoardColumn>,
    pub titles: Titles,
}

#[derive(Debug, Serialize, TS)]
pub struct BoardColumn {
    pub stage: Uuid,
    pub name: String,
    pub name_en: String,
    pub probability: f64,
    /// `open`, `won`, `lost`.
    pub outcome: String,
    pub count: u32,
    /// Minor units of the home currency.
    #[ts(type = "number")]
    pub sum: i64,
    /// The sum weighted by probability.
    #[ts(type = "number")]
    pub weighted: i64,
    pub cards: Vec<BoardCard>,
}

#[derive(Debug, Serialize, TS)]
pub struct BoardCard {
    pub record: RecordView,
    /// Days since it came to this stage.
    pub days_in_stage: u32,
    /// The next open reminder; a deal without one shows a warning.
    #[ts(type = "number | null")]
    pub next_reminder_at: Option<i64>,
}

#[derive(Debug, Deserialize, TS)]
pub struct MoveStage {
    pub id: Uuid,
    pub stage: Uuid,
    #[serde(default)]
    #[ts(optional)]
    pub next_step: Option<String>,
    /// Asked for when the stage is a lost one.
    #[serde(default)]
    #[ts(optional)]
    pub lost_reason: Option<Uuid>,
}

#[derive(Debug, Deserialize, TS)]
pub struct LogInteraction {
    /// Fields of the interaction.
    pub fields: FieldValues,
    /// 下次跟进, saved in the same transaction.
    #[serde(default)]
    #[ts(optional)]
    pub follow_up: Option<FollowUp>,
    /// The reminder that this interaction answers, marked done in the same transaction.
    #[serde(default)]
    #[ts(optional)]
    pub answers: Option<Uuid>,
}

#[derive(Debug, Deserialize, TS)]
pub struct FollowUp {
    #[ts(type = "number")]
    pub due_at: i64,
    pub title: String,
}

#[derive(Debug, Deserialize, TS)]
pub struct RemindersRequest {
    /// `overdue`, `today`, `future`, `done`.
    pub bucket: String,
    pub limit: u32,
}

#[derive(Debug, Serialize, TS)]
pub struct Reminders {
    pub items: Vec<RecordView>,
    pub counts: ReminderCounts,
    pub titles: Titles,
}

#[derive(Debug, Clone, Copy, Serialize, TS)]
pub struct ReminderCounts {
    pub overdue: u32,
    pub today: u32,
    pub future: u32,
}

/// Reminders that were told since Ketu started and that nobody has dealt with, for a window that was
/// not there yet when they came due.
#[derive(Debug, Default, Serialize, TS)]
pub struct ToldReminders {
    pub due: Vec<DueReminder>,
    /// Came due while Ketu was not running.
    pub missed: Vec<DueReminder>,
}

#[derive(Debug, Deserialize, TS)]
pub struct ReminderRef {
    pub id: Uuid,
}

#[derive(Debug, Deserialize, TS)]
pub struct SnoozeReminder {
    pub id: Uuid,
    /// `minutes:10`, `hours:1`, `tomorrow` (9:00), `next_workday` (9:00, holidays counted),
    /// or `at:<milliseconds>`.
    pub until: String,
}

#[derive(Debug, Deserialize, TS)]
pub struct ParseWhen {
    /// What a person types for a time: 今天, 明天 15:00, 下周三, +3d, 1125.
    pub text: String,
}

#[derive(Debug, Serialize, TS)]
pub struct ParsedWhen {
    /// Civil date, `2026-11-25`.
    pub date: String,
    /// Local time `15:00`, where one was given.
    pub time: Option<String>,
    #[ts(type = "number")]
    pub instant: i64,
    pub workday: bool,
}
