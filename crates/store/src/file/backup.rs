//! Backups: whole encrypted copies with their key slots, made while people work, opened again and
//! checked, thinned out to 3 recent, 7 daily and 4 weekly ones.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use chrono::Datelike;
use ketu_model::clock::local_date;

use super::{
    DataKey, Folder, RecoveryKey, SlotFile, beside, connect, read_only, remove_if_there, sync_file,
    sync_folder,
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

    pub(super) fn backup_slots(&self, name: &str) -> PathBuf {
        self.backups().join(format!("{name}.keys"))
    }

    /// A backup that is still being written.
    fn unfinished_backup(&self, name: &str) -> PathBuf {
        self.backups().join(format!("{name}.part"))
    }

    /// Where a backup is made ready to take the file's place, with what SQLite lays beside it.
    fn restored(&self) -> [PathBuf; 4] {
        ["", "-wal", "-shm", "-journal"]
            .map(|suffix| self.path().join(format!("ketu.db.restored{suffix}")))
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
                let (at, reason) = parts_of(name)?;
                Some(Backup {
                    name: name.to_owned(),
                    at,
                    reason,
                    bytes: entry.metadata().ok()?.len(),
                })
            })
            .collect();
        backups.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| b.name.cmp(&a.name)));
        backups
    }

    /// The latest backup that is not ahead of the clock. One of a clock that once ran ahead is no reason to
    /// go without for years.
    pub fn latest_backup(&self, now: i64) -> Option<Backup> {
        let backups = self.list_backups();
        backups.into_iter().find(|backup| backup.at <= now)
    }

    /// Takes one backup away, with its keys.
    pub fn remove_backup(&self, name: &str) -> Result<()> {
        remove_if_there(&self.backup_file(name))?;
        remove_if_there(&self.backup_slots(name))
    }

    /// Takes away what backups and restores that were killed left half done. Whoever calls it holds the folder.
    pub(crate) fn sweep(&self) {
        let entries = std::fs::read_dir(self.backups()).into_iter().flatten();
        let left_over = entries.flatten().filter_map(|entry| {
            let file = entry.file_name();
            let (name, kind) = file.to_str()?.split_once('.')?;
            parts_of(name)?;
            let alone = kind == "keys" && !self.backup_file(name).exists();
            (alone || kind.starts_with("part")).then(|| entry.path())
        });
        for path in left_over.chain(self.restored()) {
            if let Err(error) = remove_if_there(&path) {
                tracing::warn!(%error, "what was left of a backup could not be removed");
            }
        }
    }
}

/// The instant and the reason in a backup's name.
fn parts_of(name: &str) -> Option<(i64, BackupReason)> {
    let (at, reason) = name.split_once('-')?;
    Some((at.parse().ok()?, BackupReason::parse(reason)?))
}

impl Store {
    /// Writes a backup, opens it again and checks it, then thins out older ones.
    pub fn back_up(&self, reason: BackupReason) -> Result<Backup> {
        self.back_up_beside(reason, None)
    }

    /// A backup before another one is restored. The chosen one stays, however old it is.
    pub fn back_up_before_restore(&self, chosen: &str) -> Result<Backup> {
        self.back_up_beside(BackupReason::BeforeRestore, Some(chosen))
    }

    fn back_up_beside(&self, reason: BackupReason, chosen: Option<&str>) -> Result<Backup> {
        let slots = self.slots().clone();
        let now = self.clock().now();
        back_up(self.folder(), self.key(), &slots, reason, now, chosen)
    }
}

/// As [`Store::back_up`], also of a file that is just being opened. `chosen` is not thinned out.
pub(crate) fn back_up(
    folder: &Folder,
    key: &DataKey,
    slots: &SlotFile,
    reason: BackupReason,
    at: i64,
    chosen: Option<&str>,
) -> Result<Backup> {
    let directory = folder.backups();
    std::fs::create_dir_all(&directory).map_err(StoreError::io("create", &directory))?;
    let name = format!("{at}-{}", reason.as_str());
    let bytes = copy(folder, key, slots, &name).inspect_err(|_| {
        // What a full disk took of it would only keep the disk full.
        let _ = remove_if_there(&folder.unfinished_backup(&name));
        if !folder.backup_file(&name).exists() {
            let _ = remove_if_there(&folder.backup_slots(&name));
        }
    })?;
    if let Err(error) = thin_out(folder, at, chosen) {
        // The backup that was asked for is there.
        tracing::warn!(%error, "older backups could not be thinned out");
    }
    Ok(Backup {
        name,
        at,
        reason,
        bytes,
    })
}

/// Writes the copy and its slots; it takes its name when it is whole. Returns its size.
fn copy(folder: &Folder, key: &DataKey, slots: &SlotFile, name: &str) -> Result<u64> {
    let (unfinished, target) = (folder.unfinished_backup(name), folder.backup_file(name));
    remove_if_there(&unfinished)?;
    let path = unfinished.to_string_lossy().into_owned();
    let connection = beside(&folder.database(), key).map_err(|error| match error {
        OpenError::Store(error) => error,
        _ => StoreError::BadBackup(name.to_owned()),
    })?;
    connection.execute("vacuum into ?1", [&path])?;
    drop(connection);
    check(&unfinished, key)?;
    slots.write_to(&folder.backup_slots(name))?;
    sync_file(&unfinished)?;
    std::fs::rename(&unfinished, &target).map_err(StoreError::io("rename", &target))?;
    sync_folder(&folder.backups());
    let about = std::fs::metadata(&target).map_err(StoreError::io("read", &target))?;
    Ok(about.len())
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
/// where the old file went. The store must be closed. The recovery key opens a backup that this
/// laptop's own key does not, and gives the laptop a key of its own again.
pub fn restore(
    location: &Location,
    name: &str,
    recovery: Option<&RecoveryKey>,
) -> Result<Option<PathBuf>, OpenError> {
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
    let of_backup = SlotFile::read_from(&folder.backup_slots(name)).ok_or_else(bad)?;
    let Unlocked {
        mut slots,
        key,
        device,
    } = unlock(location, of_backup, recovery)?;
    // Opened beside the current file first, so that a bad backup takes nothing away.
    let fresh = made_ready(folder, name, &key).inspect_err(|_| {
        // What a full disk took of it would only keep the disk full.
        for path in folder.restored() {
            let _ = remove_if_there(&path);
        }
    })?;
    if !device {
        // Only now: until here a backup that turned out bad has changed nothing, the key store neither.
        slots
            .set_device(location.keys.as_ref(), &key)
            .map_err(StoreError::Key)?;
    }
    let aside = folder
        .database()
        .exists()
        .then(|| folder.move_aside(location.clock.now()))
        .transpose()?;
    folder.forget_incarnation()?;
    let database = folder.database();
    std::fs::rename(&fresh, &database).map_err(StoreError::io("rename", &database))?;
    slots.write(folder)?;
    sync_folder(folder.path());
    drop(lock);
    Ok(aside)
}

/// A copy of a backup that was opened, checked and made another installation.
fn made_ready(folder: &Folder, name: &str, key: &DataKey) -> Result<PathBuf, OpenError> {
    let bad = || OpenError::Store(StoreError::BadBackup(name.to_owned()));
    let source = folder.backup_file(name);
    let left_over = folder.restored();
    for path in &left_over {
        remove_if_there(path)?;
    }
    let [fresh, ..] = left_over;
    std::fs::copy(&source, &fresh).map_err(StoreError::io("copy", &source))?;
    let connection = connect(&fresh, key).map_err(|error| match error {
        OpenError::Newer { .. } => error,
        // Not the backup's fault.
        OpenError::Store(error) if error.is_disk_full() => error.into(),
        _ => bad(),
    })?;
    let verdict: String = connection
        .query_row("pragma quick_check(1)", [], |row| row.get(0))
        .map_err(|_| bad())?;
    if verdict != "ok" {
        return Err(bad());
    }
    // It must not number its edits like the lost one.
    connection.execute("delete from meta where key = 'device'", [])?;
    connection.pragma_update(None, "journal_mode", "delete")?;
    drop(connection);
    sync_file(&fresh)?;
    Ok(fresh)
}

struct Unlocked {
    slots: SlotFile,
    key: DataKey,
    /// Whether this laptop's own key opens the slots.
    device: bool,
}

/// The slots that will stand beside the restored file. Slots of today know the recovery key of today; those
/// of the backup serve where they are of another data key, or lost.
fn unlock(
    location: &Location,
    of_backup: SlotFile,
    recovery: Option<&RecoveryKey>,
) -> Result<Unlocked, OpenError> {
    let today = SlotFile::read(&location.folder).filter(|slots| slots.same_key(&of_backup));
    let by_device = today.as_ref().unwrap_or(&of_backup);
    let refusal = match by_device.open_device(location.keys.as_ref()) {
        Ok(key) => {
            return Ok(Unlocked {
                slots: today.unwrap_or(of_backup),
                key,
                device: true,
            });
        }
        Err(refusal) => refusal,
    };
    let recovery = recovery.ok_or(refusal)?;
    // A paper as old as the backup opens what it always opened.
    let all = [today.as_ref(), Some(&of_backup)];
    let key = all
        .into_iter()
        .flatten()
        .find_map(|slots| slots.open_recovery(recovery).ok());
    Ok(Unlocked {
        key: key.ok_or(OpenError::WrongKey)?,
        slots: today.unwrap_or(of_backup),
        device: false,
    })
}

fn thin_out(folder: &Folder, now: i64, chosen: Option<&str>) -> Result<()> {
    let backups = folder.list_backups();
    let instants: Vec<i64> = backups.iter().map(|backup| backup.at).collect();
    // Those of a clock that once ran ahead take no place of those that are made now.
    let (ahead, usual) = instants.split_at(instants.partition_point(|at| *at > now));
    let keep = &kept(ahead) | &kept(usual);
    let goes =
        |backup: &&Backup| !keep.contains(&backup.at) && chosen != Some(backup.name.as_str());
    for backup in backups.iter().filter(goes) {
        folder.remove_backup(&backup.name)?;
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
