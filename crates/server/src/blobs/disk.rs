//! Contents on disk: whole ones under their hash, those that come in under their upload's id. Blocks.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::Hash;
use crate::error::{Error, Result};
use crate::files::make_private_folder;
use crate::ids::OrgId;

/// What an upload brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrived {
    /// The content that was announced.
    Whole,
    /// Another one.
    Other,
    /// What was there is gone: a server ended at the wrong moment.
    Nothing,
}

/// The folder of all contents; servers beside one database share it.
#[derive(Debug, Clone)]
pub(super) struct Disk(pub PathBuf);

impl Disk {
    pub fn path(&self, org: OrgId, hash: &Hash) -> PathBuf {
        let name = blake3::Hash::from_bytes(hash.0).to_hex();
        let folder = self.0.join(org.to_string()).join(&name[..2]);
        folder.join(name.as_str())
    }

    fn part(&self, org: OrgId, upload: Uuid) -> PathBuf {
        let folder = self.0.join(org.to_string()).join("incoming");
        folder.join(upload.to_string())
    }

    /// Writes a chunk to its place; it is on the disk when this returns.
    pub fn write(&self, org: OrgId, upload: Uuid, offset: u64, bytes: &[u8]) -> Result<()> {
        let path = self.part(org, upload);
        make_folder_of(&path)?;
        let mut options = File::options();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path).map_err(Error::io("open", &path))?;
        let written = file
            .seek(SeekFrom::Start(offset))
            .and_then(|_| file.write_all(bytes))
            .and_then(|()| file.sync_all());
        written.map_err(Error::io("write", path))
    }

    /// What came in, measured against what was announced.
    pub fn check(&self, org: OrgId, upload: Uuid, hash: &Hash, size: u64) -> Result<Arrived> {
        let part = self.part(org, upload);
        if !part.exists() {
            return Ok(Arrived::Nothing);
        }
        Ok(if is_content(&part, hash, size)? {
            Arrived::Whole
        } else {
            Arrived::Other
        })
    }

    /// Puts what came in, and was checked, under its hash. A second time does nothing.
    pub fn place(&self, org: OrgId, upload: Uuid, hash: &Hash) -> Result<()> {
        let (part, whole) = (self.part(org, upload), self.path(org, hash));
        make_folder_of(&whole)?;
        match std::fs::rename(&part, &whole) {
            Err(error) if error.kind() == ErrorKind::NotFound && whole.exists() => {}
            renamed => renamed.map_err(Error::io("rename", &part))?,
        }
        sync_folder_of(&whole)
    }

    /// Takes a content away.
    pub fn remove(&self, org: OrgId, hash: &Hash) -> Result<()> {
        let whole = self.path(org, hash);
        match std::fs::remove_file(&whole) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            removed => removed.map_err(Error::io("remove", whole)),
        }
    }

    /// Throws away what came in.
    pub fn forget(&self, org: OrgId, upload: Uuid) {
        let _ = std::fs::remove_file(self.part(org, upload));
    }
}

/// Whether the file has this many bytes and this hash.
pub(super) fn is_content(path: &Path, hash: &Hash, size: u64) -> Result<bool> {
    let mut file = File::open(path).map_err(Error::io("open", path))?;
    let length = file.metadata().map_err(Error::io("read", path))?.len();
    if length != size {
        return Ok(false);
    }
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let count = file.read(&mut buffer).map_err(Error::io("read", path))?;
        if count == 0 {
            return Ok(hasher.finalize() == blake3::Hash::from_bytes(hash.0));
        }
        hasher.update(&buffer[..count]);
    }
}

#[cfg(unix)]
pub(super) fn sync_folder_of(path: &Path) -> Result<()> {
    let Some(folder) = path.parent() else {
        return Ok(());
    };
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(Error::io("write", folder))
}

#[cfg(not(unix))]
pub(super) fn sync_folder_of(_path: &Path) -> Result<()> {
    Ok(())
}

pub(super) fn make_folder_of(path: &Path) -> Result<()> {
    match path.parent() {
        Some(folder) => make_private_folder(folder).map_err(Error::io("make the folder", folder)),
        None => Ok(()),
    }
}
