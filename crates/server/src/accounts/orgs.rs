//! Organisations, and the epochs of their histories.

use uuid::Uuid;

use super::{Accounts, NewUser};
use super::{By, Chain, Entry, Invitation, users};
use crate::db::{Result as DbResult, Tx};
use crate::engine;
use crate::error::{Error, Refusal, Result};
use crate::ids::OrgId;
use crate::params;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Org {
    pub id: OrgId,
    pub name: String,
}

/// An unbroken life of the server's data; see docs/sync-protocol.md §1.8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Epoch {
    pub id: Uuid,
    /// The feed's number that the restored backup had; 0 for the first epoch.
    pub floor: i64,
    /// Milliseconds since 1970.
    pub started_at: i64,
}

impl Epoch {
    /// The organisation's current epoch.
    ///
    /// # Errors
    /// The database's.
    pub async fn current(tx: &mut Tx, org: OrgId) -> DbResult<Self> {
        let row = tx
            .query_one(include_str!("sql/epoch.sql"), params! { org_id: org })
            .await?;
        Ok(Self {
            id: row.get("id")?,
            floor: row.get("floor")?,
            started_at: row.get("started_at")?,
        })
    }
}

impl Accounts {
    /// All organisations on this server, the oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_orgs(&self) -> Result<Vec<Org>> {
        self.db.read(|tx| Box::pin(list_orgs(tx))).await
    }

    /// Makes an organisation and its first admin, who comes in by the invitation.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] for an empty name.
    pub async fn add_org(&self, name: &str, admin: NewUser) -> Result<(Org, Invitation)> {
        let name = name.trim().to_owned();
        if name.is_empty() || name.chars().count() > 200 {
            return Err(Refusal::Invalid {
                field: "org",
                rule: "length",
            }
            .into());
        }
        let id = OrgId(Uuid::now_v7());
        let now = self.clock.now();
        let lifetimes = self.lifetimes;
        let org = Org { id, name };
        let made = org.clone();
        let invitation = self
            .db
            .write(move |tx| {
                let (name, admin) = (made.name.clone(), admin.clone());
                Box::pin(async move {
                    add_org(tx, id, &name, now).await?;
                    engine::ship(tx, id, now).await?;
                    let change = super::grants::Change::begin(tx, id).await?;
                    let mut chain = Chain::hold(tx, id, now, By::CONSOLE).await?;
                    chain.note(tx, Entry::new("org.add", id.0)).await?;
                    let user = users::add(tx, &mut chain, id, &admin, now).await?;
                    change.settle(tx, &mut chain, id, None).await?;
                    users::invite(tx, &mut chain, id, user, now, lifetimes).await
                })
            })
            .await?;
        Ok((org, invitation))
    }

    /// Gives every organisation what this version ships and it does not have yet; says how many records were made.
    ///
    /// # Errors
    /// The database's.
    pub async fn ship(&self) -> Result<usize> {
        let now = self.clock.now();
        let mut made = 0;
        for org in self.list_orgs().await? {
            made += self
                .db
                .write(move |tx| Box::pin(engine::ship(tx, org.id, now)))
                .await?;
        }
        Ok(made)
    }
}

pub(crate) async fn list_orgs(tx: &mut Tx) -> Result<Vec<Org>> {
    let rows = tx
        .query(include_str!("sql/list_orgs.sql"), params! {})
        .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Org {
                id: row.get("org_id")?,
                name: row.get("name")?,
            })
        })
        .collect()
}

async fn add_org(tx: &mut Tx, id: OrgId, name: &str, now: i64) -> Result<(), Error> {
    tx.execute(
        include_str!("sql/add_org.sql"),
        params! { org_id: id, name: name, created_at: now },
    )
    .await?;
    tx.execute(
        include_str!("sql/add_feed_head.sql"),
        params! { org_id: id },
    )
    .await?;
    tx.execute(
        include_str!("sql/add_epoch.sql"),
        params! { org_id: id, id: Uuid::now_v7(), floor: 0_i64, started_at: now },
    )
    .await?;
    tx.execute(
        include_str!("sql/add_audit_head.sql"),
        params! { org_id: id, hash: [0_u8; 32] },
    )
    .await?;
    Ok(())
}
