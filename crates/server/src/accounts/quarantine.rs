//! What a laptop that was shut out still had to say. It is not taken: it is kept, for a time and up to a size, for an
//! administrator to read.

use ketu_model::{DeviceId, UserId};
use ketu_sync::message::Op;

use super::{Accounts, By, Chain, Entry, Wipe};
use crate::db::{Params, Row};
use crate::error::Result;
use crate::ids::OrgId;
use crate::params;

/// How long after it was shut out a device is still heard, in milliseconds.
const GRACE: i64 = 7 * 24 * 60 * 60 * 1_000;
/// Ops of one device.
const OPS: i64 = 20_000;
/// Bytes of one device's ops.
const BYTES: i64 = 32 << 20;

/// What is kept of one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    pub device: DeviceId,
    pub user: UserId,
    pub ops: i64,
    /// Milliseconds since 1970.
    pub first_at: i64,
    pub last_at: i64,
}

impl Accounts {
    /// Keeps what a device sent that is shut out; how many of these ops are kept now. Twice is as once.
    ///
    /// # Errors
    /// The database's.
    pub async fn quarantine(&self, wipe: &Wipe, ops: &[Op]) -> Result<usize> {
        let now = self.clock.now();
        let (org, user, device) = (wipe.org, wipe.user, wipe.device);
        if ops.is_empty() || now.saturating_sub(wipe.at) > GRACE {
            return Ok(0);
        }
        let rows: Vec<(i64, Params)> = ops
            .iter()
            .map(|op| {
                let text = serde_json::to_string(op).expect("an op is plain data");
                let size = i64::try_from(text.len()).unwrap_or(i64::MAX);
                let row = params! {
                    org_id: org, op_id: op.op_id, device_id: device, user_id: user, at: now, op: text,
                };
                (size, row)
            })
            .collect();
        self.db
            .write(move |tx| {
                let rows = rows.clone();
                Box::pin(async move {
                    let by = By {
                        user: Some(user),
                        device: Some(device),
                    };
                    // The lock: two pushes of one device count one after the other.
                    let mut chain = Chain::hold(tx, org, now, by).await?;
                    let of_device = params! { org_id: org, device_id: device };
                    let sql = include_str!("sql/weigh_quarantine.sql");
                    let there = tx.query_one(sql, of_device).await?;
                    let (mut count, mut bytes): (i64, i64) = (there.get("n")?, there.get("size")?);
                    let fits = rows.into_iter().take_while(|(size, _)| {
                        count += 1;
                        bytes = bytes.saturating_add(*size);
                        count <= OPS && bytes <= BYTES
                    });
                    let fits: Vec<Params> = fits.map(|(_, row)| row).collect();
                    if !fits.is_empty() {
                        let sql = include_str!("sql/add_quarantined.sql");
                        tx.insert_many(sql, &fits).await?;
                        let entry = Entry::new("quarantine.keep", device.0);
                        chain.note(tx, entry.with("ops", fits.len())).await?;
                    }
                    Ok(fits.len())
                })
            })
            .await
    }

    /// What is kept, by device, the last first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_quarantine(&self, org: OrgId) -> Result<Vec<Quarantined>> {
        self.db
            .read(move |tx| {
                Box::pin(async move {
                    let sql = include_str!("sql/list_quarantine.sql");
                    let rows = tx.query(sql, params! { org_id: org }).await?;
                    rows.iter().map(quarantined).collect()
                })
            })
            .await
    }

    /// A device's ops as JSON, in the order in which they came.
    ///
    /// # Errors
    /// The database's.
    pub async fn quarantined(&self, org: OrgId, device: DeviceId) -> Result<Vec<String>> {
        self.db
            .read(move |tx| {
                Box::pin(async move {
                    let sql = include_str!("sql/quarantined.sql");
                    let asked = params! { org_id: org, device_id: device };
                    let rows = tx.query(sql, asked).await?;
                    rows.iter().map(|row| Ok(row.get("op")?)).collect()
                })
            })
            .await
    }

    /// Throws away what is kept of a device; how many ops.
    ///
    /// # Errors
    /// The database's.
    pub async fn remove_quarantined(&self, org: OrgId, by: By, device: DeviceId) -> Result<u64> {
        let now = self.clock.now();
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let mut chain = Chain::hold(tx, org, now, by).await?;
                    let sql = include_str!("sql/remove_quarantined.sql");
                    let gone = params! { org_id: org, device_id: device };
                    let count = tx.execute(sql, gone).await?;
                    let entry = Entry::new("quarantine.remove", device.0);
                    chain.note(tx, entry.with("ops", count)).await?;
                    Ok(count)
                })
            })
            .await
    }
}

fn quarantined(row: &Row) -> Result<Quarantined> {
    Ok(Quarantined {
        device: row.get("device_id")?,
        user: row.get("user_id")?,
        ops: row.get("n")?,
        first_at: row.get("first_at")?,
        last_at: row.get("last_at")?,
    })
}
