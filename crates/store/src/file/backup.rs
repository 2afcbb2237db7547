//! Backups: whole encrypted copies with their key slots, made while people work, opened again and
//! checked, thinned out to 3 recent, 7 daily and 4 weekly ones.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use chrono::Datelike;
use ketu_model::clock::local_date;

use super::{
    DataKey, Folder, SlotFile, beside, connect, read_only, remove_if_there, sync_file, sync_folder,
};
use crate::error::{OpenError, Result, StoreError};
use crate::store::{Location, Store};

const RECENT: usize = 3;
const DAILY: usize = 7;
const WEEKLY: usize = 4;

/// Why a backup was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackupReason {
    Scheduled,
    BeforeImport,
    BeforeMigration,
    BeforeRestore,
    Manual,
}

impl BackupReason {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::BeforeImport => "before_import",
            Self::BeforeMigration => "before_migration",
            Self::BeforeRestore => "before_restore",
            Self::Manual => "manual",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [
            Self::Scheduled,
            Self::BeforeImport,
            Self::BeforeMigration,
            Self::BeforeRestore,
            Self::Manual,
        ]
        .into_iter()
        .find(|reason| reason.as_str() == text)
    }
}

/// One backup: `backups/<milliseconds>-<reason>.db` with its `.keys`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    pub name: String,
    pub at: i64,
    pub reason: BackupReason,
    pub bytes: u64,
}

impl Folder {
    fn backup_file(&self, name: &str) -> PathBuf {
        self.backups().join(format!("{name}.db"))
    }

    fn backup_slots(&self, name: &str) -> PathBuf {
        self.backups().join(format!("{name}.keys"))
    }

    /// All backups, the latest first. What does not look like one is left out.
    pub fn list_backups(&self) -> Vec<Backup> {
        let Ok(entries) = std::fs::read_dir(self.backups()) else {
            return Vec::new();
        };
        let mut backups: Vec<Backup> = entries
            .flatten()
            .filter_map(|entry| {
                let file = entry.file_name();
                let name = file.to_str()?.strip_suffix(".db")?;
                let (at, reason) = name.split_once('-')?;
                Some(Backup {
                    name: name.to_owned(),
                    at: at.parse().ok()?,
                    reason: BackupReason::parse(reason)?,
                    bytes: entry.metadata().ok()?.len(),
                })
            })
            .collect();
        backups.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| b.name.cmp(&a.name)));
        backups
    }
}

impl Store {
    /// Writes a backup, opens it again and checks it, then thins out older ones.
    pub fn back_up(&self, reason: BackupReason) -> Result<Backup> {
        let slots = self.slots().clone();
        back_up(
            self.folder(),
            self.key(),
            &slots,
            reason,
            self.clock().now(),
        )
    }
}

/// As [`Store::back_up`], also of a file that is just being opened.
pub(crate) fn back_up(
    folder: &Folder,
    key: &DataKey,
    slots: &SlotFile,
    reason: BackupReason,
    at: i64,
) -> Result<Backup> {
    let directory = folder.backups();
    std::fs::create_dir_all(&directory).map_err(StoreError::io("create", &directory))?;
    let name = format!("{at}-{}", reason.as_str());
    let target = folder.backup_file(&name);
    let unfinished = directory.join(format!("{name}.part"));
    remove_if_there(&unfinished)?;
    let path = unfinished.to_string_lossy().into_owned();
    let connection = beside(&folder.database(), key).map_err(|error| match error {
        OpenError::Store(error) => error,
        _ => StoreError::BadBackup(name.clone()),
    })?;
    connection.execute("vacuum into ?1", [&path])?;
    drop(connection);
    check(&unfinished, key).inspect_err(|_| {
        let _ = std::fs::remove_file(&unfinished);
    })?;
    slots.write_to(&folder.backup_slots(&name))?;
    sync_file(&unfinished)?;
    std::fs::rename(&unfinished, &target).map_err(StoreError::io("rename", &target))?;
    sync_folder(&directory);
    let bytes = std::fs::metadata(&target)
        .map_err(StoreError::io("read", &target))?
        .len();
    thin_out(folder)?;
    Ok(Backup {
        name,
        at,
        reason,
        bytes,
    })
}

/// Opens a copy with the store's key and reads all of it.
fn check(copy: &Path, key: &DataKey) -> Result<()> {
    let bad = || StoreError::BadBackup(copy.display().to_string());
    let connection = read_only(copy, key).map_err(|_| bad())?;
    let verdict: String = connection
        .query_row("pragma quick_check(1)", [], |row| row.get(0))
        .map_err(|_| bad())?;
    if verdict == "ok" { Ok(()) } else { Err(bad()) }
}

/// Puts a backup in the place of the current file, which is moved aside, never deleted. Returns
/// where the old file went. The store must be closed.
pub fn restore(location: &Location, name: &str) -> Result<Option<PathBuf>, OpenError> {
    let folder = &location.folder;
    let lock = super::FolderLock::take(folder, &location.owner)?;
    let bad = || OpenError::Store(StoreError::BadBackup(name.to_owned()));
    if !folder
        .list_backups()
        .iter()
        .any(|backup| backup.name == name)
    {
        return Err(bad());
    }
    let source = folder.backup_file(name);
    let of_backup = SlotFile::read_from(&folder.backup_slots(name)).ok_or_else(bad)?;
    // Slots of today know the recovery key of today; those of the backup serve another data key.
    let slots = match SlotFile::read(folder) {
        Some(current) if current.same_key(&of_backup) => current,
        _ => of_backup,
    };
    // Opened beside the current file first, so that a bad backup takes nothing away.
    let fresh = folder.path().join("ketu.db.restored");
    for suffix in ["", "-wal", "-shm"] {
        remove_if_there(&folder.path().join(format!("ketu.db.restored{suffix}")))?;
    }
    std::fs::copy(&source, &fresh).map_err(StoreError::io("copy", &source))?;
    let key = slots.open_device(location.keys.as_ref())?;
    {
        let connection = connect(&fresh, &key).map_err(|error| match error {
            OpenError::Newer { .. } => error,
            _ => bad(),
        })?;
        let verdict: String = connection
            .query_row("pragma quick_check(1)", [], |row| row.get(0))
            .map_err(|_| bad())?;
        if verdict != "ok" {
            return Err(bad());
        }
        // A restored file is another installation: it must not number its edits like the lost one.
        connection.execute("delete from meta where key = 'device'", [])?;
        connection.pragma_update(None, "journal_mode", "delete")?;
    }
    sync_file(&fresh)?;
    let aside = folder
        .database()
        .exists()
        .then(|| folder.move_aside(location.clock.now()))
        .transpose()?;
    let database = folder.database();
    std::fs::rename(&fresh, &database).map_err(StoreError::io("rename", &database))?;
    slots.write(folder)?;
    sync_folder(folder.path());
    drop(lock);
    Ok(aside)
}

fn thin_out(folder: &Folder) -> Result<()> {
    let backups = folder.list_backups();
    let keep = kept(&backups.iter().map(|backup| backup.at).collect::<Vec<_>>());
    for backup in backups.iter().filter(|backup| !keep.contains(&backup.at)) {
        remove_if_there(&folder.backup_file(&backup.name))?;
        remove_if_there(&folder.backup_slots(&backup.name))?;
    }
    Ok(())
}

/// Which of these instants, latest first, stay: the 3 latest, the latest of each of 7 days, and
/// before those days the latest of each of 4 weeks.
fn kept(instants: &[i64]) -> BTreeSet<i64> {
    let mut keep: BTreeSet<i64> = instants.iter().take(RECENT).copied().collect();
    let (mut days, mut weeks) = (BTreeSet::new(), BTreeSet::new());
    for at in instants {
        let date = local_date(*at);
        if days.contains(&date) {
            continue;
        }
        if days.len() < DAILY {
            days.insert(date);
            keep.insert(*at);
            continue;
        }
        let week = (date.iso_week().year(), date.iso_week().week());
        if weeks.len() < WEEKLY && weeks.insert(week) {
            keep.insert(*at);
        }
    }
    keep
}

#[cfg(test)]
mod tests {
    use super::kept;

    #[test]
    fn three_recent_seven_daily_and_four_weekly_backups_stay() {
        let hour = 3_600_000;
        let now = 1_790_000_000_000;
        let instants: Vec<i64> = (0..24 * 60 / 4).map(|n| now - n * 4 * hour).collect();
        let keep = kept(&instants);
        assert!(
            instants[..3].iter().all(|at| keep.contains(at)),
            "the latest three stay"
        );
        assert!(
            (9..=14).contains(&keep.len()),
            "{} of {} stay",
            keep.len(),
            instants.len()
        );
        let oldest = keep.first().copied().unwrap_or(now);
        assert!(
            now - oldest > 20 * 24 * hour,
            "the oldest kept is three weeks old or older"
        );
    }
}
