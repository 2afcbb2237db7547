//! Going back to a backup. That is more than copying a file: laptops must notice, or they would take the server's second
//! life for its first. Each organisation begins a new epoch, whose numbers lie far above all that was ever given out;
//! what laptops have had acknowledged above the floor, they send again (docs/sync-protocol.md §7.1).

use std::path::{Path, PathBuf};

use ketu_sync::message::reborn;
use uuid::Uuid;

use crate::accounts::{By, Chain, Entry};
use crate::backup::stamp;
use crate::db::{Database, Place, STEPS, Tx, is_file_whole, migrate, settle_file};
use crate::engine::{hold_head, put_head};
use crate::error::{Error, Result};
use crate::ids::OrgId;
use crate::params;

/// What a restore did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Where the files that stood there before are now; none if there were none.
    pub aside: Option<PathBuf>,
    pub orgs: usize,
}

/// What the replaced file still knew, so that no number and no epoch is ever given out twice.
#[derive(Debug, Clone, Default)]
struct Before {
    heads: Vec<(OrgId, i64)>,
    epochs: Vec<(OrgId, Uuid, i64, i64)>,
}

/// Puts `backup` in the place of `file`. The caller holds the folder; `now` is in milliseconds since 1970.
///
/// # Errors
/// [`Error::Damaged`] when the backup does not hold; `file` is untouched then, as after any other error before the last
/// two renames.
pub async fn restore(file: &Path, backup: &Path, now: i64) -> Result<Restored> {
    let fresh = file.with_extension("restoring");
    let prepared = prepare(file, backup, &fresh, now).await;
    if prepared.is_err() {
        for path in with_companions(&fresh) {
            let _ = std::fs::remove_file(path);
        }
    }
    let orgs = prepared?;
    let aside = set_aside(file, now)?;
    std::fs::rename(&fresh, file).map_err(Error::io("rename", fresh))?;
    Ok(Restored { aside, orgs })
}

async fn prepare(file: &Path, backup: &Path, fresh: &Path, now: i64) -> Result<usize> {
    for path in with_companions(fresh) {
        let _ = std::fs::remove_file(path);
    }
    std::fs::copy(backup, fresh).map_err(Error::io("copy", backup))?;
    let checked = fresh.to_owned();
    let whole = tokio::task::spawn_blocking(move || is_file_whole(&checked)).await?;
    if !whole.unwrap_or(false) {
        return Err(Error::Damaged(backup.to_owned()));
    }
    let before = if file.exists() {
        read_before(file).await
    } else {
        Before::default()
    };
    let db = Database::open(&Place::File(fresh.to_owned()), 1)?;
    migrate(&db, STEPS, now).await?;
    let orgs = leap(&db, before, now).await?;
    drop(db);
    let settled = fresh.to_owned();
    tokio::task::spawn_blocking(move || settle_file(&settled)).await??;
    Ok(orgs)
}

/// A new epoch without a backup: after PostgreSQL itself was taken back, by its own means, to an earlier time.
///
/// # Errors
/// The database's.
pub async fn begin_epoch(db: &Database, now: i64) -> Result<usize> {
    leap(db, Before::default(), now).await
}

async fn leap(db: &Database, before: Before, now: i64) -> Result<usize> {
    db.write(move |tx| {
        let before = before.clone();
        Box::pin(async move {
            let rows = tx
                .query(include_str!("accounts/sql/list_orgs.sql"), params! {})
                .await?;
            for row in &rows {
                leap_of(tx, row.get("org_id")?, &before, now).await?;
            }
            Ok(rows.len())
        })
    })
    .await
}

async fn leap_of(tx: &mut Tx, org: OrgId, before: &Before, now: i64) -> Result<()> {
    // The lock row first; the number it has is the floor.
    let floor = hold_head(tx, org).await?.n;
    let replaced = before
        .heads
        .iter()
        .filter(|(of, _)| *of == org)
        .map(|(_, n)| *n);
    let highest = replaced.chain([floor]).max().unwrap_or(floor);
    // The new life's numbers lie above all that were given out, also where the replaced file could not be read.
    put_head(tx, org, reborn(highest, now)).await?;
    for (_, id, floor, started_at) in before.epochs.iter().filter(|(of, ..)| *of == org) {
        let epoch = params! { org_id: org, id: *id, floor: *floor, started_at: *started_at };
        tx.execute(include_str!("sql/keep_epoch.sql"), epoch)
            .await?;
    }
    let latest = tx
        .query_one(
            include_str!("accounts/sql/epoch.sql"),
            params! { org_id: org },
        )
        .await?;
    // The current epoch is the one that started last, also when the clock was set back meanwhile.
    let started_at = now.max(latest.get::<i64>("started_at")?.saturating_add(1));
    let id = Uuid::now_v7();
    let epoch = params! { org_id: org, id: id, floor: floor, started_at: started_at };
    tx.execute(include_str!("accounts/sql/add_epoch.sql"), epoch)
        .await?;
    let mut chain = Chain::hold(tx, org, now, By::CONSOLE).await?;
    let entry = Entry::new("server.restore", id).with("floor", floor);
    chain.note(tx, entry).await
}

/// Best effort: the replaced file may be the damaged one.
async fn read_before(file: &Path) -> Before {
    let Ok(db) = Database::open(&Place::File(file.to_owned()), 1) else {
        return Before::default();
    };
    let read: Result<Before> = db
        .read(|tx| {
            Box::pin(async move {
                let heads = tx
                    .query(include_str!("sql/list_feed_heads.sql"), params! {})
                    .await?;
                let epochs = tx
                    .query(include_str!("sql/list_epochs.sql"), params! {})
                    .await?;
                let head = |row: &crate::db::Row| Ok((row.get("org_id")?, row.get("n")?));
                let epoch = |row: &crate::db::Row| {
                    Ok((
                        row.get("org_id")?,
                        row.get("id")?,
                        row.get("floor")?,
                        row.get("started_at")?,
                    ))
                };
                Ok(Before {
                    heads: heads.iter().map(head).collect::<Result<_>>()?,
                    epochs: epochs.iter().map(epoch).collect::<Result<_>>()?,
                })
            })
        })
        .await;
    read.unwrap_or_else(|error| {
        tracing::warn!(error = %error, "the replaced file could not be read");
        Before::default()
    })
}

/// Moves the file and what belongs to it into a folder of their own beside it.
fn set_aside(file: &Path, now: i64) -> Result<Option<PathBuf>> {
    if !file.exists() {
        return Ok(None);
    }
    let folder = file.with_file_name(format!("replaced-{}", stamp(now)));
    std::fs::create_dir(&folder).map_err(Error::io("make the folder", &folder))?;
    // The file last: until it is gone, what stands there can still be opened whole.
    for path in with_companions(file).into_iter().rev() {
        if let Some(name) = path.file_name()
            && path.exists()
        {
            std::fs::rename(&path, folder.join(name)).map_err(Error::io("move aside", &path))?;
        }
    }
    Ok(Some(folder))
}

/// The file, its write-ahead log and the log's index.
fn with_companions(file: &Path) -> [PathBuf; 3] {
    let companion = |end: &str| {
        let mut name = file.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    };
    [file.to_owned(), companion("-wal"), companion("-shm")]
}
