//! The laptops of an organisation.

use ketu_model::{DeviceId, UserId};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Accounts, By, Chain, Entry};
use crate::db::Row;
use crate::error::{Refusal, Result};
use crate::ids::OrgId;
use crate::params;

/// A laptop as administrators see one. Instants are milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Device {
    #[schema(value_type = Uuid)]
    pub id: DeviceId,
    #[schema(value_type = Uuid)]
    pub user: UserId,
    pub name: String,
    pub enrolled_at: i64,
    /// To within five minutes.
    pub seen_at: i64,
    pub revoked_at: Option<i64>,
}

impl Accounts {
    /// All devices, those heard of last first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_devices(&self, org: OrgId) -> Result<Vec<Device>> {
        self.db
            .read(move |tx| {
                Box::pin(async move {
                    let sql = include_str!("sql/list_devices.sql");
                    let rows = tx.query(sql, params! { org_id: org }).await?;
                    rows.iter().map(device).collect()
                })
            })
            .await
    }

    /// Shuts a device out for good: each of its requests is answered `revoked` from now on. Doing it twice is as once.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn revoke_device(&self, org: OrgId, by: By, id: DeviceId) -> Result<()> {
        let now = self.clock.now();
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let mut chain = Chain::hold(tx, org, now, by).await?;
                    let device = params! { org_id: org, id: id, now: now };
                    if tx
                        .execute(include_str!("sql/revoke_device.sql"), device)
                        .await?
                        == 0
                    {
                        return Err(Refusal::NotFound("device").into());
                    }
                    chain.note(tx, Entry::new("device.revoke", id.0)).await
                })
            })
            .await
    }
}

fn device(row: &Row) -> Result<Device> {
    Ok(Device {
        id: row.get("id")?,
        user: row.get("user_id")?,
        name: row.get("name")?,
        enrolled_at: row.get("enrolled_at")?,
        seen_at: row.get("seen_at")?,
        revoked_at: row.get("revoked_at")?,
    })
}
