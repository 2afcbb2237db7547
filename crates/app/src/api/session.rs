//! The data file as a whole: first run, unlocking, settings, backups.

use std::collections::BTreeMap;

use ketu_model::catalog::Catalog;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use ts_rs::TS;
use uuid::Uuid;

#[derive(Debug, Default, Deserialize, TS)]
pub struct Nothing {}

#[derive(Debug, Clone, Serialize, TS)]
pub struct Done {
    pub done: bool,
}

/// What Ketu found when it started, and what it can offer.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Status {
    pub state: FileState,
    /// The person who works on this laptop, once set up.
    pub user: Option<UserView>,
    pub recovery_key_confirmed: bool,
    /// Where the file key lies: `keyring`, or `key_file` where the system has no keyring.
    pub key_store: Option<String>,
    pub data_dir: String,
    /// Set when a damaged file was moved aside: where to.
    pub moved_aside: Option<String>,
    pub has_sample: bool,
    pub version: String,
    pub settings: Settings,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum FileState {
    /// No file yet.
    FirstRun,
    Ready,
    /// The key is not in the keyring: the recovery key opens it.
    Locked,
    /// Another Ketu holds the folder.
    InUse {
        owner: String,
    },
    /// The file is damaged; `backups` tells whether one can be restored.
    Damaged {
        backups: u32,
    },
    /// Written by a newer Ketu, left untouched.
    Newer,
    /// Not a file of Ketu.
    Foreign,
    /// Not encrypted: refused.
    Plaintext,
    /// The server was not heard for `days` days, since `since` (milliseconds since 1970): nothing is shown until it is.
    OutOfReach {
        #[ts(type = "number")]
        since: i64,
        days: u32,
    },
    /// The organisation ordered that what this laptop held be destroyed, and it is.
    ShutOut,
    /// The disk or the folder could not be read or written; `reason` is the code of an error.
    Unusable {
        reason: String,
    },
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct UserView {
    pub id: Uuid,
    pub name: String,
}

#[derive(Debug, Deserialize, TS)]
pub struct SetUp {
    pub name: String,
    /// `zh-CN` or `en`.
    pub language: String,
}

#[derive(Debug, Serialize, TS)]
pub struct SetUpDone {
    /// Shown once; people save or print it.
    pub recovery_key: String,
    pub key_store: String,
}

#[derive(Debug, Deserialize, TS)]
pub struct Unlock {
    pub recovery_key: String,
}

#[derive(Debug, Deserialize, TS)]
pub struct SaveText {
    pub path: String,
}

/// Choices of one person on one laptop; never synchronised.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Settings {
    pub language: String,
    /// `light`, `dark`, `system`.
    pub theme: String,
    /// `compact`, `comfortable`.
    pub density: String,
    /// Per cent, 90 to 150.
    pub font_size: u32,
    /// Quiet hours as local `HH:MM`; equal ends mean none.
    pub quiet_from: String,
    pub quiet_to: String,
    pub close_to_tray: bool,
    /// Column choices, saved views and the like, which only the window reads.
    #[ts(type = "Record<string, unknown>")]
    pub window: BTreeMap<String, Json>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: "zh-CN".into(),
            theme: "system".into(),
            density: "comfortable".into(),
            font_size: 100,
            quiet_from: "00:00".into(),
            quiet_to: "00:00".into(),
            close_to_tray: true,
            window: BTreeMap::new(),
        }
    }
}

#[derive(Debug, Deserialize, TS)]
pub struct UpdateSettings {
    /// Only what changes, by the names of `Settings`; keys inside `window` are set one by one.
    #[ts(type = "Partial<Settings>")]
    pub settings: Json,
}

/// The catalog with everything that forms and lists need to show names: options, stages, users.
#[derive(Debug, Serialize, TS)]
pub struct CatalogView {
    pub catalog: Catalog,
    pub options: Vec<OptionView>,
    pub pipelines: Vec<PipelineView>,
    pub users: Vec<UserView>,
    pub tags: Vec<TagView>,
    /// Names of options and tags in the recycle bin, which records there still refer to.
    pub removed: BTreeMap<Uuid, String>,
}

#[derive(Debug, Serialize, TS)]
pub struct OptionView {
    pub id: Uuid,
    pub list: String,
    pub name: String,
    pub name_en: String,
    pub color: String,
    pub archived: bool,
}

#[derive(Debug, Serialize, TS)]
pub struct TagView {
    pub id: Uuid,
    pub name: String,
    pub color: String,
}

#[derive(Debug, Serialize, TS)]
pub struct PipelineView {
    pub id: Uuid,
    pub name: String,
    pub name_en: String,
    pub stages: Vec<StageView>,
}

#[derive(Debug, Serialize, TS)]
pub struct StageView {
    pub id: Uuid,
    pub name: String,
    pub name_en: String,
    pub probability: f64,
    /// `open`, `won`, `lost`.
    pub outcome: String,
}

/// A region by code, for cascaders: provinces without `parent`, else its children.
#[derive(Debug, Deserialize, TS)]
pub struct RegionsRequest {
    #[serde(default)]
    #[ts(optional)]
    pub parent: Option<String>,
}

#[derive(Debug, Serialize, TS)]
pub struct RegionView {
    pub code: String,
    pub name: String,
    /// Names from the province down, e.g. 广东省 / 深圳市 / 南山区.
    pub path: Vec<String>,
    pub leaf: bool,
}

#[derive(Debug, Serialize, TS)]
pub struct Regions {
    pub regions: Vec<RegionView>,
}

/// Names of region codes, for lists.
#[derive(Debug, Deserialize, TS)]
pub struct RegionNamesRequest {
    pub codes: Vec<String>,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct BackupView {
    pub name: String,
    #[ts(type = "number")]
    pub at: i64,
    #[ts(type = "number")]
    pub bytes: u64,
    /// `scheduled`, `before_import`, `before_migration`, `before_restore`, `manual`.
    pub reason: String,
}

#[derive(Debug, Serialize, TS)]
pub struct Backups {
    pub backups: Vec<BackupView>,
}

#[derive(Debug, Deserialize, TS)]
pub struct RestoreBackup {
    pub name: String,
    /// Opens a backup that this laptop's own key does not: without it such a one is refused as `locked`.
    #[serde(default)]
    #[ts(optional)]
    pub recovery_key: Option<String>,
}

/// The state after a restore.
#[derive(Debug, Serialize, TS)]
pub struct Restored {
    #[serde(flatten)]
    pub status: Status,
    /// Why the file that was there could not be backed up before: a code. It is at `moved_aside` in any case.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub not_backed_up: Option<String>,
}

/// A finding of `doctor`: `ok`, `warning` or `problem`, with a code to translate.
#[derive(Debug, Serialize, TS)]
pub struct Finding {
    pub level: String,
    pub code: String,
    pub params: BTreeMap<String, String>,
}

#[derive(Debug, Serialize, TS)]
pub struct Doctor {
    pub findings: Vec<Finding>,
}
