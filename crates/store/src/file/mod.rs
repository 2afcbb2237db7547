//! The data folder: the encrypted file, its key slots, its lock and its backups.

mod backup;
mod keys;
mod lock;
mod open;
mod recovery;

pub use backup::{Backup, BackupReason, restore};
pub use keys::{DataKey, KeyError, KeySource, SlotFile};
pub use lock::FolderLock;
pub use open::{APPLICATION_ID, FILE_VERSION};
pub use recovery::RecoveryKey;

pub(crate) use backup::back_up;
pub(crate) use keys::slots_of_backups;
pub(crate) use open::{beside, connect, make, read_only, refuse_plaintext};

use std::path::{Path, PathBuf};

use crate::error::{OpenError, StoreError};
use crate::store::Location;

/// Where everything of one data folder lies.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }
    pub fn path(&self) -> &Path {
        &self.0
    }
    pub fn database(&self) -> PathBuf {
        self.0.join("ketu.db")
    }
    /// Where a new file is made, until it is whole.
    pub fn unfinished(&self) -> PathBuf {
        self.0.join("ketu.db.new")
    }
    /// Where a small secret of this laptop lies.
    pub fn secret(&self, name: &str) -> PathBuf {
        self.0.join(format!("ketu.{name}"))
    }
    pub fn slots(&self) -> PathBuf {
        self.0.join("ketu.keys")
    }
    pub fn slots_copy(&self) -> PathBuf {
        self.0.join("ketu.keys.copy")
    }
    pub fn lock(&self) -> PathBuf {
        self.0.join("ketu.lock")
    }
    pub fn backups(&self) -> PathBuf {
        self.0.join("backups")
    }
    /// Ops that the server may not have, beside the file.
    pub fn journal(&self) -> PathBuf {
        self.0.join("outbox.journal")
    }
    /// The incarnation as this folder knows it; in no backup (docs/sync-protocol.md §1.6).
    pub fn incarnation(&self) -> PathBuf {
        self.0.join("ketu.incarnation")
    }

    /// What is kept where laptop and server do not agree, for whoever looks into it: numbers, and nothing of what people
    /// wrote. One for each day, counted since 1970.
    pub fn evidence(&self, day: i64) -> PathBuf {
        self.0.join(format!("ketu.evidence-{day}.json"))
    }

    /// From now on the file counts as a copy: it takes a new incarnation before it sends anything.
    pub(crate) fn forget_incarnation(&self) -> Result<(), StoreError> {
        remove_if_there(&self.incarnation())
    }

    /// Deletes everything of this folder, the key slots first. Goes on where something cannot be deleted, and says the
    /// last thing that could not.
    pub fn wipe(&self) -> Result<(), StoreError> {
        let mut done = Ok(());
        let key_file = self.0.join("ketu.key");
        for path in [self.slots(), self.slots_copy(), key_file] {
            done = remove_if_there(&path).and(done);
        }
        let entries = std::fs::read_dir(&self.0).map_err(StoreError::io("read", &self.0))?;
        for entry in entries.flatten() {
            let name = entry.file_name();
            // Only what is Ketu's own: people may have put something else here.
            let text = name.to_string_lossy();
            let ours = ["ketu.", "outbox.journal"];
            if name != "backups" && !ours.iter().any(|start| text.starts_with(start)) {
                continue;
            }
            let path = entry.path();
            let removed = if path.is_dir() {
                std::fs::remove_dir_all(&path)
            } else {
                std::fs::remove_file(&path)
            };
            done = removed.map_err(StoreError::io("remove", &path)).and(done);
        }
        done
    }

    /// A file that is gone or emptied is damaged: a backup is the way back.
    pub(crate) fn refuse_empty(&self) -> Result<(), OpenError> {
        match std::fs::metadata(self.database()) {
            Ok(about) if about.len() > 0 => Ok(()),
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(StoreError::io("read", self.database())(error).into())
            }
            _ => Err(OpenError::Damaged),
        }
    }

    /// Moves the database aside, never deleting it; says where to.
    pub fn move_aside(&self, now: i64) -> Result<PathBuf, StoreError> {
        let aside = self.0.join(format!("damaged-{now}"));
        std::fs::create_dir_all(&aside).map_err(StoreError::io("create", &aside))?;
        for suffix in ["", "-wal", "-shm"] {
            let from = self.0.join(format!("ketu.db{suffix}"));
            if from.exists() {
                let to = aside.join(format!("ketu.db{suffix}"));
                std::fs::rename(&from, to).map_err(StoreError::io("move", &from))?;
            }
        }
        for slots in [self.slots(), self.slots_copy()] {
            if let (true, Some(name)) = (slots.exists(), slots.file_name()) {
                std::fs::copy(&slots, aside.join(name)).map_err(StoreError::io("copy", &slots))?;
            }
        }
        Ok(aside)
    }
}

/// Moves the file and its key slots aside, so that the next start is a first one. Backups stay where they are.
/// Says where to. The store must be closed.
pub fn set_aside(location: &Location) -> Result<PathBuf, OpenError> {
    let folder = &location.folder;
    let lock = FolderLock::take(folder, &location.owner)?;
    let aside = folder.move_aside(location.clock.now())?;
    for slots in [folder.slots(), folder.slots_copy()] {
        remove_if_there(&slots)?;
    }
    folder.forget_incarnation()?;
    let journal = folder.journal();
    if journal.exists() {
        let to = aside.join("outbox.journal");
        std::fs::rename(&journal, to).map_err(StoreError::io("move", &journal))?;
    }
    sync_folder(folder.path());
    drop(lock);
    Ok(aside)
}

/// Writes a small file so that a crash leaves the old or the new one, never a part.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    use std::io::Write;
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file =
        tempfile::NamedTempFile::new_in(folder).map_err(StoreError::io("create", path))?;
    file.write_all(bytes)
        .map_err(StoreError::io("write", path))?;
    file.as_file()
        .sync_all()
        .map_err(StoreError::io("sync", path))?;
    file.persist(path)
        .map_err(|e| StoreError::io("replace", path)(e.error))?;
    sync_folder(folder);
    Ok(())
}

pub(crate) fn remove_if_there(path: &Path) -> Result<(), StoreError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(StoreError::io("remove", path)(error))
        }
        _ => Ok(()),
    }
}

/// Makes a file's content durable before it takes another's place.
pub(crate) fn sync_file(path: &Path) -> Result<(), StoreError> {
    let file = std::fs::OpenOptions::new()
        .write(true)
        .open(path)
        .map_err(StoreError::io("open", path))?;
    file.sync_all().map_err(StoreError::io("sync", path))
}

/// Makes a rename durable where the system offers it; elsewhere the file's own sync has to do.
pub fn sync_folder(folder: &Path) {
    #[cfg(unix)]
    if let Ok(folder) = std::fs::File::open(folder) {
        let _ = folder.sync_all();
    }
    #[cfg(not(unix))]
    let _ = folder;
}
