//! Contents of files: sent in chunks that survive a cut connection, kept under their BLAKE3 hash, read by whoever sees a
//! record that has them. To know a hash gives no right: a content that one does not see already has to be sent whole.

mod copies;
mod disk;
mod upkeep;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use ketu_model::authorize::Act;
use uuid::Uuid;

use crate::accounts::Who;
use crate::clock::Clock;
use crate::db::{Database, Row, Tx};
use crate::engine;
use crate::error::{Error, Refusal, Result};
use crate::http::wire::Octets;
use crate::ids::OrgId;
use crate::params;

pub use copies::{contents_beside, copy_contents, take_contents, verify};

use disk::{Arrived, Disk};

/// BLAKE3 of a content.
pub type Hash = Octets<32>;

/// Bytes of each chunk but the last.
pub const CHUNK: u64 = 4 << 20;
/// Bytes of a content at most.
pub const LARGEST: u64 = 100 << 20;
/// Uploads of one device that may be under way.
const OPEN: usize = 50;
/// How long an upload that nobody goes on with is kept, in milliseconds.
const PATIENCE: i64 = 7 * 24 * 60 * 60 * 1_000;

/// How much is kept, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one organisation's contents; 0 for no limit.
    pub bytes: u64,
    /// How long a content stays after its last record was deleted.
    pub unused: Duration,
}

/// The contents of all organisations.
#[derive(Debug, Clone)]
pub struct Blobs {
    db: Database,
    clock: Clock,
    disk: Disk,
    limits: Limits,
}

/// What the server has of a content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// The record has it.
    Ready,
    /// These chunks are missing, counted from 0.
    Missing { upload: Uuid, chunks: Vec<u32> },
}

struct Upload {
    id: Uuid,
    hash: [u8; 32],
    size: u64,
    record: Uuid,
    chunks: Vec<u8>,
}

impl Upload {
    fn of(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            hash: row.get("hash")?,
            size: u64::try_from(row.get::<i64>("size")?).unwrap_or(0),
            record: row.get("record_id")?,
            chunks: row.get("chunks")?,
        })
    }

    fn standing(&self) -> Standing {
        let missing = (0..).zip(&self.chunks).filter(|(_, there)| **there == 0);
        Standing::Missing {
            upload: self.id,
            chunks: missing.map(|(n, _)| n).collect(),
        }
    }

    fn is_whole(&self) -> bool {
        self.chunks.iter().all(|there| *there == 1)
    }
}

impl Blobs {
    /// Contents in `folder`, which servers beside one database share.
    pub fn new(db: Database, clock: Clock, folder: PathBuf, limits: Limits) -> Self {
        Self {
            db,
            clock,
            disk: Disk(folder),
            limits,
        }
    }

    /// Begins to take a content for a record, or goes on with it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] of a record that the sender does not see, [`Refusal::Forbidden`] of one that the sender may not
    /// change; [`Refusal::Invalid`] of the size; [`Refusal::TooLarge`]; [`Refusal::RateLimited`] with too many uploads open;
    /// [`Refusal::NoSpace`] where the organisation has no more.
    pub async fn begin(&self, who: Who, record: Uuid, hash: Hash, size: u64) -> Result<Standing> {
        if size == 0 {
            let (field, rule) = ("size", "empty");
            return Err(Refusal::Invalid { field, rule }.into());
        }
        if size > LARGEST {
            return Err(Refusal::TooLarge { limit: LARGEST }.into());
        }
        let (now, count) = (self.clock.now(), size.div_ceil(CHUNK));
        let length = usize::try_from(count).unwrap_or(usize::MAX);
        let (hash, id) = (hash.0, Uuid::now_v7());
        let (path, limit) = (self.disk.path(who.org, &Octets(hash)), self.limits.bytes);
        let (standing, whole) = self
            .db
            .write(move |tx| {
                let path = path.clone();
                Box::pin(async move {
                    engine::require(tx, who, record, Act::Update).await?;
                    let owners = owners(tx, who.org, hash).await?;
                    if owners.contains(&record) || engine::sees_any(tx, who, &owners).await? {
                        hold(tx, who.org, hash, size, now).await?;
                        if path.exists() {
                            let owner = owner(who, hash, record, now);
                            tx.execute(include_str!("sql/add_owner.sql"), owner).await?;
                            return Ok((Standing::Ready, None));
                        }
                    }
                    let of_device = params! { org_id: who.org, device_id: who.device };
                    let sql = include_str!("sql/uploads_of_device.sql");
                    let open = tx.query(sql, of_device).await?;
                    let open: Vec<Upload> = open.iter().map(Upload::of).collect::<Result<_>>()?;
                    let same = |upload: &&Upload| upload.hash == hash && upload.record == record;
                    if let Some(upload) = open.iter().find(same) {
                        let whole = upload.is_whole().then_some(upload.id);
                        return Ok((upload.standing(), whole));
                    }
                    if open.len() >= OPEN {
                        return Err(Refusal::RateLimited { retry_after: 60 }.into());
                    }
                    if limit > 0 && weight(tx, who.org).await?.saturating_add(size) > limit {
                        return Err(Refusal::NoSpace.into());
                    }
                    let upload = Upload {
                        id,
                        hash,
                        size,
                        record,
                        chunks: vec![0; length],
                    };
                    let row = params! {
                        org_id: who.org, id: id, hash: hash, size: i64::try_from(size).unwrap_or(i64::MAX),
                        record_id: record, user_id: who.user, device_id: who.device,
                        chunks: upload.chunks.clone(), touched_at: now,
                    };
                    tx.execute(include_str!("sql/add_upload.sql"), row).await?;
                    Ok::<_, Error>((upload.standing(), None))
                })
            })
            .await?;
        match whole {
            // All came, only the end was missed.
            Some(upload) => self.finish(who, upload).await,
            None => Ok(standing),
        }
    }

    /// Takes a chunk; with the last one the content is checked and the record has it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] of the upload or the chunk; [`Refusal::Invalid`] of a chunk of another length, or of the hash
    /// when the whole is not what was announced: it has to be begun anew then.
    pub async fn put(
        &self,
        who: Who,
        upload: Uuid,
        n: u32,
        bytes: axum::body::Bytes,
    ) -> Result<Standing> {
        let known = self.upload(who, upload).await?;
        let offset = u64::from(n) * CHUNK;
        if offset >= known.size {
            return Err(Refusal::NotFound("chunk").into());
        }
        let length = (known.size - offset).min(CHUNK);
        if u64::try_from(bytes.len()).ok() != Some(length) {
            let (field, rule) = ("chunk", "length");
            return Err(Refusal::Invalid { field, rule }.into());
        }
        let (disk, org) = (self.disk.clone(), who.org);
        tokio::task::spawn_blocking(move || disk.write(org, upload, offset, &bytes)).await??;
        let now = self.clock.now();
        let after = self
            .db
            .write(move |tx| {
                Box::pin(async move {
                    // Its row is the lock for what is read from it.
                    let held = params! { org_id: org, device_id: who.device, id: upload, now: now };
                    let row = tx
                        .query_optional(include_str!("sql/hold_upload.sql"), held)
                        .await?;
                    let mut upload = Upload::of(&row.ok_or(Refusal::NotFound("upload"))?)?;
                    if let Some(there) = usize::try_from(n)
                        .ok()
                        .and_then(|n| upload.chunks.get_mut(n))
                    {
                        *there = 1;
                    }
                    let noted =
                        params! { org_id: org, id: upload.id, chunks: upload.chunks.clone() };
                    tx.execute(include_str!("sql/note_chunks.sql"), noted)
                        .await?;
                    Ok::<_, Error>(upload)
                })
            })
            .await?;
        if after.is_whole() {
            self.finish(who, upload).await
        } else {
            Ok(after.standing())
        }
    }

    async fn upload(&self, who: Who, id: Uuid) -> Result<Upload> {
        self.db
            .read(move |tx| {
                Box::pin(async move {
                    let asked = params! { org_id: who.org, device_id: who.device, id: id };
                    let row = tx
                        .query_optional(include_str!("sql/upload.sql"), asked)
                        .await?;
                    Upload::of(&row.ok_or(Refusal::NotFound("upload"))?)
                })
            })
            .await
    }

    /// Looks at what came in, and gives it to the record if it is what was announced.
    async fn finish(&self, who: Who, id: Uuid) -> Result<Standing> {
        let upload = self.upload(who, id).await?;
        let (disk, hash, size) = (self.disk.clone(), upload.hash, upload.size);
        let checking = move || disk.check(who.org, id, &Octets(hash), size);
        match tokio::task::spawn_blocking(checking).await?? {
            Arrived::Whole => {
                self.settle(who, upload).await?;
                Ok(Standing::Ready)
            }
            Arrived::Nothing => {
                let mut again = upload;
                again.chunks.fill(0);
                let none = again.chunks.clone();
                let noted = params! { org_id: who.org, id: id, chunks: none };
                self.execute(include_str!("sql/note_chunks.sql"), noted)
                    .await?;
                Ok(again.standing())
            }
            Arrived::Other => {
                let gone = params! { org_id: who.org, id: id };
                self.execute(include_str!("sql/remove_upload.sql"), gone)
                    .await?;
                self.disk.forget(who.org, id);
                let (field, rule) = ("hash", "mismatch");
                Err(Refusal::Invalid { field, rule }.into())
            }
        }
    }

    async fn execute(&self, sql: &'static str, row: crate::db::Params) -> Result<u64> {
        self.db
            .write(move |tx| {
                let row = row.clone();
                Box::pin(async move { Ok(tx.execute(sql, row).await?) })
            })
            .await
    }

    /// An upload that is whole becomes a content that its record has.
    async fn settle(&self, who: Who, upload: Upload) -> Result<()> {
        let (disk, now) = (self.disk.clone(), self.clock.now());
        let Upload {
            id,
            hash,
            size,
            record,
            ..
        } = upload;
        self.db
            .write(move |tx| {
                let disk = disk.clone();
                Box::pin(async move {
                    // The record may have gone elsewhere meanwhile.
                    engine::require(tx, who, record, Act::Update).await?;
                    hold(tx, who.org, hash, size, now).await?;
                    let gone = params! { org_id: who.org, id: id };
                    tx.execute(include_str!("sql/remove_upload.sql"), gone)
                        .await?;
                    let owner = owner(who, hash, record, now);
                    tx.execute(include_str!("sql/add_owner.sql"), owner).await?;
                    // With the row held nobody takes the content away.
                    disk.place(who.org, id, &Octets(hash))
                })
            })
            .await
    }

    /// The file of a content that a record has, for one who sees the record.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], alike for what is not there and what is not seen.
    pub async fn open(&self, who: Who, record: Uuid, hash: Hash) -> Result<PathBuf> {
        let asked = hash.0;
        let owned = self
            .db
            .read(move |tx| {
                Box::pin(async move {
                    engine::require(tx, who, record, Act::See).await?;
                    Ok::<_, Error>(owners(tx, who.org, asked).await?.contains(&record))
                })
            })
            .await?;
        let path = self.disk.path(who.org, &hash);
        if owned && path.exists() {
            Ok(path)
        } else {
            Err(Refusal::NotFound("blob").into())
        }
    }
}

fn owner(who: Who, hash: [u8; 32], record: Uuid, now: i64) -> crate::db::Params {
    params! { org_id: who.org, hash: hash, record_id: record, user_id: who.user, added_at: now }
}

/// Takes the content's row until the transaction ends: nobody else brings it or takes it away.
async fn hold(tx: &mut Tx, org: OrgId, hash: [u8; 32], size: u64, now: i64) -> Result<()> {
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    let row = params! { org_id: org, hash: hash, size: size, now: now };
    tx.execute(include_str!("sql/hold.sql"), row).await?;
    Ok(())
}

/// Bytes of the organisation's contents, those that are coming in included.
async fn weight(tx: &mut Tx, org: OrgId) -> Result<u64> {
    let sql = include_str!("sql/weight.sql");
    let row = tx.query_one(sql, params! { org_id: org }).await?;
    let bytes = |column| Ok::<_, Error>(u64::try_from(row.get::<i64>(column)?).unwrap_or(0));
    Ok(bytes("kept")?.saturating_add(bytes("coming")?))
}

/// The records that have a content.
async fn owners(tx: &mut Tx, org: OrgId, hash: [u8; 32]) -> Result<BTreeSet<Uuid>> {
    let sql = include_str!("sql/owners.sql");
    let rows = tx.query(sql, params! { org_id: org, hash: hash }).await?;
    let ids: crate::db::Result<BTreeSet<Uuid>> =
        rows.iter().map(|row| row.get("record_id")).collect();
    Ok(ids?)
}
