//! Orders to laptops, signed so that a laptop obeys nobody else: so far one, to destroy what it holds
//! (docs/sync-protocol.md §7.4).

use ed25519_dalek::{Signer, SigningKey};
use ketu_model::{DeviceId, UserId};
use serde_json::json;

use super::random;
use crate::db::{Result as DbResult, Tx};
use crate::error::{Refusal, Result};
use crate::ids::OrgId;
use crate::params;

/// The order to a device that was shut out, or whose user was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wipe {
    pub org: OrgId,
    pub user: UserId,
    pub device: DeviceId,
    /// Since when it is shut out, in milliseconds since 1970.
    pub at: i64,
    /// JSON `{v, org, device, at}`, the very text that is signed.
    pub order: String,
    /// The organisation's, of [`wipe_message`].
    pub signature: [u8; 64],
    /// How many of the ops that came with the request are in quarantine.
    pub kept: usize,
}

/// What the organisation signs.
pub fn wipe_message(order: &str) -> Vec<u8> {
    [b"ketu/wipe/1\0", order.as_bytes()].concat()
}

/// How a device is answered that is shut out. Without the order where the organisation has no key: then no laptop knows one.
pub(super) async fn shut_out(
    tx: &mut Tx,
    org: OrgId,
    user: UserId,
    device: DeviceId,
    at: i64,
) -> Result<Refusal> {
    let row = tx
        .query_optional(include_str!("sql/org_key.sql"), params! { org_id: org })
        .await?;
    let Some(row) = row else {
        return Ok(Refusal::Revoked);
    };
    let key = SigningKey::from_bytes(&row.get("secret")?);
    let order = json!({ "v": 1, "org": org, "device": device, "at": at }).to_string();
    let signature = key.sign(&wipe_message(&order)).to_bytes();
    Ok(Refusal::ShutOut(Box::new(Wipe {
        org,
        user,
        device,
        at,
        order,
        signature,
        kept: 0,
    })))
}

/// The organisation's public key, which is made when there is none.
pub(super) async fn key(tx: &mut Tx, org: OrgId, now: i64) -> Result<[u8; 32]> {
    if let Some(public) = public_key(tx, org).await? {
        return Ok(public);
    }
    let key = SigningKey::from_bytes(&random()?);
    let made = params! {
        org_id: org, secret: key.to_bytes(), public: key.verifying_key().to_bytes(), now: now,
    };
    tx.execute(include_str!("sql/add_org_key.sql"), made)
        .await?;
    let row = tx
        .query_one(include_str!("sql/org_key.sql"), params! { org_id: org })
        .await?;
    Ok(row.get("public")?)
}

/// The organisation's public key, if it has one yet.
pub(crate) async fn public_key(tx: &mut Tx, org: OrgId) -> DbResult<Option<[u8; 32]>> {
    let row = tx
        .query_optional(include_str!("sql/org_key.sql"), params! { org_id: org })
        .await?;
    row.map(|row| row.get("public")).transpose()
}
