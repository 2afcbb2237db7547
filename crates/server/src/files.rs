//! Folders and files that are for their owner alone, and the lock of the data folder.

use std::fs::{File, TryLockError};
use std::io::Write;
use std::path::Path;

use crate::error::{Error, Result};

/// Makes the folder, and those above it, when it is not there.
pub(crate) fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    if folder.as_os_str().is_empty() || folder.exists() {
        return Ok(());
    }
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Writes a new file whole or not at all.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let beside = path.with_extension("new");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    std::fs::rename(&beside, path)
}

/// Takes the data folder for one server, which makes it when it is not there: beside a SQLite file there is no second
/// server, and nobody restores below its feet. Other commands do not need it; SQLite keeps them apart. Let go when the
/// file is dropped, also by a crash.
///
/// # Errors
/// [`Error::FolderInUse`].
pub fn hold_folder(folder: &Path) -> Result<File> {
    make_private_folder(folder).map_err(Error::io("make the folder", folder))?;
    let path = folder.join("server.lock");
    let file = File::create(&path).map_err(Error::io("open", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::FolderInUse(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(Error::io("lock", path)(error)),
    }
}
