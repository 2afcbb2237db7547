//! The feed's head of each organisation: the lock of its writers, and the news that laptops wait for.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use ketu_sync::record::Seq;
use tokio::sync::watch;

use crate::db::{Database, Result as DbResult, Row, Tx};
use crate::ids::OrgId;
use crate::params;

/// Where an organisation stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Head {
    /// The last number given.
    pub n: Seq,
    /// The number at which the organisation's own fields changed last.
    pub catalog_rev: Seq,
    /// The number at which anybody's rights changed last.
    pub rights_rev: Seq,
}

fn head(row: &Row) -> DbResult<Head> {
    Ok(Head {
        n: row.get("n")?,
        catalog_rev: row.get("catalog_rev")?,
        rights_rev: row.get("rights_rev")?,
    })
}

/// Takes the lock row: the first thing that a transaction does which gives numbers.
pub(crate) async fn hold(tx: &mut Tx, org: OrgId) -> DbResult<Head> {
    let sql = include_str!("sql/hold_head.sql");
    head(&tx.query_one(sql, params! { org_id: org }).await?)
}

pub(super) async fn read(tx: &mut Tx, org: OrgId) -> DbResult<Head> {
    let sql = include_str!("sql/head.sql");
    head(&tx.query_one(sql, params! { org_id: org }).await?)
}

/// Takes the lock row and the next number: for what changes rights.
pub(crate) async fn next(tx: &mut Tx, org: OrgId) -> DbResult<Seq> {
    let seq = hold(tx, org).await?.n + 1;
    put(tx, org, seq).await?;
    Ok(seq)
}

pub(crate) async fn put(tx: &mut Tx, org: OrgId, n: Seq) -> DbResult<()> {
    let sql = include_str!("sql/move_head.sql");
    tx.execute(sql, params! { org_id: org, n: n }).await?;
    Ok(())
}

pub(super) async fn catalog_changed(tx: &mut Tx, org: OrgId, rev: Seq) -> DbResult<()> {
    let sql = include_str!("sql/move_catalog_rev.sql");
    tx.execute(sql, params! { org_id: org, rev: rev }).await?;
    Ok(())
}

/// Notes that laptops have to hear of other scopes, though no record may have moved.
pub(crate) async fn rights_changed(tx: &mut Tx, org: OrgId, rev: Seq) -> DbResult<()> {
    let sql = include_str!("sql/move_rights_rev.sql");
    tx.execute(sql, params! { org_id: org, rev: rev }).await?;
    Ok(())
}

/// What this server knows of all heads: its own writers tell, and somebody looks for those of others.
#[derive(Debug)]
pub struct Heads {
    db: Database,
    known: Mutex<HashMap<OrgId, watch::Sender<(Seq, Seq)>>>,
}

impl Heads {
    pub(super) fn new(db: Database) -> Self {
        Self {
            db,
            known: Mutex::default(),
        }
    }

    /// Head and the rights' number of an organisation as they move.
    pub fn watch(&self, org: OrgId) -> watch::Receiver<(Seq, Seq)> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(org).or_default().subscribe()
    }

    pub(super) fn tell(&self, org: OrgId, head: Head) {
        self.note(org, head.n, head.rights_rev);
    }

    fn note(&self, org: OrgId, n: Seq, rights: Seq) {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = known.get(&org) {
            sender.send_if_modified(|head| {
                let newer = (head.0.max(n), head.1.max(rights));
                let moved = newer != *head;
                *head = newer;
                moved
            });
        }
    }

    /// Looks for what other servers, and commands beside this one, have written. Does not ask where nobody waits.
    ///
    /// # Errors
    /// The database's.
    pub async fn look(&self) -> DbResult<()> {
        let waited_for = {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.values().any(|sender| sender.receiver_count() > 0)
        };
        if !waited_for {
            return Ok(());
        }
        let rows = self
            .db
            .read(|tx| {
                Box::pin(async move {
                    let sql = include_str!("sql/list_heads.sql");
                    tx.query(sql, params! {}).await
                })
            })
            .await?;
        for row in rows {
            self.note(row.get("org_id")?, row.get("n")?, row.get("rights_rev")?);
        }
        Ok(())
    }
}
