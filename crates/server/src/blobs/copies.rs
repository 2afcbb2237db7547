//! Contents beside a backup of the database, and whether all that records have is there.

use std::path::{Path, PathBuf};

use super::Hash;
use super::disk::{Disk, is_content, make_folder_of, sync_folder_of};
use crate::db::{Database, Place};
use crate::error::{Error, Result};
use crate::http::wire::Octets;
use crate::ids::OrgId;
use crate::params;

/// A content that a living record has.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Kept {
    org: OrgId,
    hash: Hash,
    size: u64,
}

impl Kept {
    fn is_whole(&self, disk: &Disk) -> Result<bool> {
        let path = disk.path(self.org, &self.hash);
        Ok(path.exists() && is_content(&path, &self.hash, self.size)?)
    }
}

/// Reads all contents that living records have; how many there are.
///
/// # Errors
/// [`Error::ContentBroken`] with the first that is missing or another.
pub async fn verify(db: &Database, files: &Path) -> Result<usize> {
    let (all, disk) = (kept(db).await?, Disk(files.to_owned()));
    let reading = move || {
        for one in &all {
            if !one.is_whole(&disk)? {
                return Err(Error::ContentBroken(disk.path(one.org, &one.hash)));
            }
        }
        Ok(all.len())
    };
    tokio::task::spawn_blocking(reading).await?
}

/// The folder of contents beside a backup of the database.
pub fn contents_beside(backup: &Path) -> PathBuf {
    backup.with_extension("files")
}

/// Copies the contents of living records from `files` to `to`, after the database was copied; how many.
///
/// # Errors
/// The database's, the disk's; [`Error::ContentBroken`].
pub async fn copy_contents(db: &Database, files: &Path, to: &Path) -> Result<usize> {
    let all = kept(db).await?;
    let (from, to) = (Disk(files.to_owned()), Disk(to.to_owned()));
    let copying = move || {
        for one in &all {
            if !one.is_whole(&from)? {
                return Err(Error::ContentBroken(from.path(one.org, &one.hash)));
            }
            copy_one(one, &from, &to)?;
        }
        Ok(all.len())
    };
    tokio::task::spawn_blocking(copying).await?
}

/// Brings back what `file`, the restored database, speaks of and `files` does not have, from the folder beside the backup;
/// how many contents are missing all the same.
///
/// # Errors
/// The database's, the disk's.
pub async fn take_contents(file: &Path, backup: &Path, files: &Path) -> Result<usize> {
    let all = kept(&Database::open(&Place::File(file.to_owned()), 1)?).await?;
    let (from, to) = (Disk(contents_beside(backup)), Disk(files.to_owned()));
    let taking = move || {
        let mut missing = 0;
        for one in &all {
            if one.is_whole(&to)? {
                continue;
            }
            if one.is_whole(&from)? {
                copy_one(one, &from, &to)?;
            } else {
                missing += 1;
            }
        }
        Ok(missing)
    };
    tokio::task::spawn_blocking(taking).await?
}

/// Whole or not at all.
fn copy_one(one: &Kept, from: &Disk, to: &Disk) -> Result<()> {
    let (from, to) = (from.path(one.org, &one.hash), to.path(one.org, &one.hash));
    make_folder_of(&to)?;
    let part = to.with_extension("part");
    std::fs::copy(&from, &part).map_err(Error::io("copy", &from))?;
    let written = std::fs::File::open(&part).and_then(|part| part.sync_all());
    written.map_err(Error::io("write", &part))?;
    std::fs::rename(&part, &to).map_err(Error::io("rename", &part))?;
    sync_folder_of(&to)
}

async fn kept(db: &Database) -> Result<Vec<Kept>> {
    db.read(|tx| {
        Box::pin(async move {
            let rows = tx.query(include_str!("sql/list.sql"), params! {}).await?;
            rows.iter()
                .map(|row| {
                    Ok::<_, Error>(Kept {
                        org: row.get("org_id")?,
                        hash: Octets(row.get("hash")?),
                        size: u64::try_from(row.get::<i64>("size")?).unwrap_or(0),
                    })
                })
                .collect()
        })
    })
    .await
}
