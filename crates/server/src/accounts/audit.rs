//! Who did what to accounts and rights: append-only, each entry's hash covering the one before, so that a change in the
//! middle shows. Entries hold ids, field names and codes; nothing personal.

use ketu_model::{DeviceId, UserId};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::db::{Database, Tx};
use crate::error::{Error, Result};
use crate::ids::OrgId;
use crate::params;

/// Who acts: a user at a device, or whoever sits at the server's own command line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct By {
    pub user: Option<UserId>,
    pub device: Option<DeviceId>,
}

impl By {
    /// The command line on the server.
    pub const CONSOLE: Self = Self {
        user: None,
        device: None,
    };
}

/// What goes into an entry besides its place in the chain.
#[derive(Debug)]
pub struct Entry {
    /// `user.add`, `device.revoke` and the like.
    pub action: &'static str,
    pub subject: Option<Uuid>,
    detail: Map<String, Json>,
}

impl Entry {
    pub fn new(action: &'static str, subject: impl Into<Uuid>) -> Self {
        Self {
            action,
            subject: Some(subject.into()),
            detail: Map::new(),
        }
    }

    /// Adds an id, a field's name or a code; never what a person typed.
    #[must_use]
    pub fn with(mut self, key: &'static str, code: impl Into<Json>) -> Self {
        self.detail.insert(key.to_owned(), code.into());
        self
    }
}

/// The organisation's chain, held for the transaction: others that change accounts wait here.
#[derive(Debug)]
pub struct Chain {
    org: OrgId,
    now: i64,
    by: By,
    seq: i64,
    prev: [u8; 32],
}

impl Chain {
    /// Takes the lock row. A transaction that also takes `feed_head` does that first.
    ///
    /// # Errors
    /// The database's.
    pub async fn hold(tx: &mut Tx, org: OrgId, now: i64, by: By) -> Result<Self> {
        let head = tx
            .query_one(include_str!("sql/hold_audit.sql"), params! { org_id: org })
            .await?;
        Ok(Self {
            org,
            now,
            by,
            seq: head.get("seq")?,
            prev: head.get("hash")?,
        })
    }

    /// Who acts, where it is a user.
    pub(super) fn author(&self) -> Option<Uuid> {
        self.by.user.map(|user| user.0)
    }

    /// When, in milliseconds since 1970.
    pub(super) fn now(&self) -> i64 {
        self.now
    }

    /// Appends an entry.
    ///
    /// # Errors
    /// The database's.
    pub async fn note(&mut self, tx: &mut Tx, entry: Entry) -> Result<()> {
        let seq = self.seq + 1;
        let written = Written {
            seq,
            at: self.now,
            actor: self.by.user.map(|id| id.0),
            device: self.by.device.map(|id| id.0),
            action: entry.action.to_owned(),
            subject: entry.subject,
            detail: Json::Object(entry.detail).to_string(),
        };
        let hash = written.hash(&self.prev);
        tx.execute(
            include_str!("sql/append_audit.sql"),
            params! {
                org_id: self.org, seq: seq, at: self.now, actor_id: self.by.user, device_id: self.by.device,
                action: entry.action, subject_id: entry.subject, detail: written.detail,
                prev: self.prev, hash: *hash.as_bytes(),
            },
        )
        .await?;
        tx.execute(
            include_str!("sql/move_audit.sql"),
            params! { org_id: self.org, seq: seq, hash: *hash.as_bytes() },
        )
        .await?;
        self.seq = seq;
        self.prev = *hash.as_bytes();
        Ok(())
    }
}

/// An entry as its hash covers it.
struct Written {
    seq: i64,
    at: i64,
    actor: Option<Uuid>,
    device: Option<Uuid>,
    action: String,
    subject: Option<Uuid>,
    detail: String,
}

impl Written {
    /// BLAKE3 of the hash before and of the fields, each with its length, so that no two entries read alike.
    fn hash(&self, prev: &[u8; 32]) -> blake3::Hash {
        let id = |id: Option<Uuid>| id.map_or(Vec::new(), |id| id.as_bytes().to_vec());
        let mut hasher = blake3::Hasher::new();
        hasher.update(prev);
        for part in [
            self.seq.to_be_bytes().to_vec(),
            self.at.to_be_bytes().to_vec(),
            id(self.actor),
            id(self.device),
            self.action.as_bytes().to_vec(),
            id(self.subject),
            self.detail.as_bytes().to_vec(),
        ] {
            let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
            hasher.update(&length.to_be_bytes());
            hasher.update(&part);
        }
        hasher.finalize()
    }
}

/// Walks an organisation's chain; how many entries it has.
///
/// # Errors
/// [`Error::AuditBroken`] with the number of the first entry that does not hold.
pub async fn verify(db: &Database, org: OrgId) -> Result<i64> {
    const PAGE: i64 = 1_000;
    let (mut seq, mut prev) = (0, [0; 32]);
    loop {
        let rows = db
            .read::<_, Error, _>(move |tx| {
                Box::pin(async move {
                    let page = params! { org_id: org, after: seq, page: PAGE };
                    Ok(tx.query(include_str!("sql/list_audit.sql"), page).await?)
                })
            })
            .await?;
        let last = rows.is_empty();
        for row in rows {
            let written = Written {
                seq: row.get("seq")?,
                at: row.get("at")?,
                actor: row.get("actor_id")?,
                device: row.get("device_id")?,
                action: row.get("action")?,
                subject: row.get("subject_id")?,
                detail: row.get("detail")?,
            };
            let hash: [u8; 32] = row.get("hash")?;
            let follows = written.seq == seq + 1 && row.get::<[u8; 32]>("prev")? == prev;
            if !follows || written.hash(&prev) != blake3::Hash::from_bytes(hash) {
                return Err(Error::AuditBroken(written.seq));
            }
            (seq, prev) = (written.seq, hash);
        }
        if last {
            break;
        }
    }
    let head = db
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let sql = include_str!("sql/audit_head.sql");
                Ok(tx.query_one(sql, params! { org_id: org }).await?)
            })
        })
        .await?;
    // The chain may have grown meanwhile, but never shrunk.
    if head.get::<i64>("seq")? < seq
        || (head.get::<i64>("seq")? == seq && head.get::<[u8; 32]>("hash")? != prev)
    {
        return Err(Error::AuditBroken(seq));
    }
    Ok(seq)
}
