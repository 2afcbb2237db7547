//! Whether what the server holds is whole: the file, the schema, the audit chains, the sums of all rows, the contents of files.

use std::path::{Path, PathBuf};

use crate::accounts::{Accounts, Epoch, Org, verify_audit};
use crate::db::{Database, DbError, STEPS, is_file_whole, schema_version};
use crate::error::{Error, Result};
use crate::{blobs, engine};

/// What was found of one organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub org: Org,
    pub audit_entries: i64,
    /// Entries of all scopes, each with its row.
    pub rows: usize,
    pub epoch: Epoch,
}

/// What was found of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    pub orgs: Vec<Found>,
    /// Contents that living records have.
    pub contents: usize,
}

/// Checks everything; reads all of a SQLite file, and all contents in the folder `files`.
///
/// # Errors
/// The first thing that does not hold.
pub async fn verify(db: &Database, accounts: &Accounts, files: &Path) -> Result<Whole> {
    let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    let found = schema_version(db).await?;
    if found > known {
        return Err(DbError::Newer { found, known }.into());
    }
    if found < known {
        let behind = "the schema is older than this version: start `ketu-server serve` once";
        return Err(Error::Command(behind.to_owned()));
    }
    if let Some(file) = db.file().map(PathBuf::from) {
        let checked = file.clone();
        let whole = tokio::task::spawn_blocking(move || is_file_whole(&checked)).await??;
        if !whole {
            return Err(Error::Damaged(file));
        }
    }
    let mut orgs = Vec::new();
    for org in accounts.list_orgs().await? {
        let id = org.id;
        let epoch: Epoch = db
            .read::<_, DbError, _>(move |tx| Box::pin(Epoch::current(tx, id)))
            .await?;
        orgs.push(Found {
            audit_entries: verify_audit(db, id).await?,
            rows: engine::verify(db, id).await?,
            org,
            epoch,
        });
    }
    let contents = blobs::verify(db, files).await?;
    Ok(Whole { orgs, contents })
}
