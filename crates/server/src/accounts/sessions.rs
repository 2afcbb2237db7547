//! Tokens. An access token is good for a quarter of an hour; a refresh token once, only from the device that it was given
//! to, and it gives the next pair.
//!
//! **An answer that was lost.** A laptop in a tunnel may send the same refresh token again. As long as nobody used the pair
//! that replaced it, that pair is withdrawn and another given. Once it was used, the old token can only come from a
//! copy: the whole family ends, and the device logs in again.

use ed25519_dalek::{Signature, VerifyingKey};
use ketu_model::authorize::Role;
use ketu_model::{DeviceId, UserId};
use uuid::Uuid;

use super::secrets::{Kind, Token};
use super::users::role_of;
use super::{Accounts, By, Chain, Entry, Lifetimes, Secret, milliseconds, orders, random};
use crate::db::{Row, Tx};
use crate::error::{Refusal, Result};
use crate::ids::OrgId;
use crate::params;

/// How old "seen" may be before it is written again, in milliseconds.
const SEEN_EVERY: i64 = 5 * 60 * 1_000;

#[derive(Debug, Clone)]
pub struct Tokens {
    pub access: Secret,
    pub refresh: Secret,
    /// Milliseconds since 1970, by the server's clock.
    pub access_until: i64,
    pub refresh_until: i64,
}

/// Who sends a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Who {
    pub org: OrgId,
    pub user: UserId,
    pub device: DeviceId,
    pub role: Role,
}

impl Who {
    pub fn by(&self) -> By {
        By {
            user: Some(self.user),
            device: Some(self.device),
        }
    }
}

/// What a device signs to refresh: the token itself, which is good once, so that no time and no number is needed.
pub fn refresh_message(refresh: &str) -> Vec<u8> {
    [b"ketu/refresh/1\0", refresh.as_bytes()].concat()
}

impl Accounts {
    /// Whose access token this is.
    ///
    /// # Errors
    /// [`Refusal::ShutOut`] when the device or user was shut out, else [`Refusal::TokenExpired`],
    /// [`Refusal::LoginRequired`] or [`Refusal::Unauthenticated`].
    pub async fn authenticate(&self, access: &str) -> Result<Who> {
        let token = Token::from_text(access, Kind::Access).ok_or(Refusal::Unauthenticated)?;
        let (org, id, now) = (token.org, token.id, self.clock.now());
        let row = self
            .db
            .read::<_, crate::error::Error, _>(move |tx| {
                Box::pin(async move {
                    let sql = include_str!("sql/who.sql");
                    Ok(tx
                        .query_optional(sql, params! { org_id: org, id: id })
                        .await?)
                })
            })
            .await?
            .ok_or(Refusal::Unauthenticated)?;
        if blake3::Hash::from_bytes(row.get("access_hash")?) != token.hash() {
            return Err(Refusal::Unauthenticated.into());
        }
        let is_set = |column| row.get::<Option<i64>>(column).map(|at| at.is_some());
        let since = |column| row.get::<Option<i64>>(column);
        if let Some(at) = since("device_revoked_at")?.or(since("disabled_at")?) {
            let (user, device) = (row.get("user_id")?, row.get("device_id")?);
            let refusal = self
                .db
                .read(move |tx| Box::pin(orders::shut_out(tx, org, user, device, at)))
                .await?;
            return Err(refusal.into());
        }
        if is_set("token_revoked_at")? {
            return Err(Refusal::LoginRequired.into());
        }
        if row.get::<i64>("access_until")? <= now {
            return Err(Refusal::TokenExpired.into());
        }
        let who = Who {
            org,
            user: row.get("user_id")?,
            device: row.get("device_id")?,
            role: role_of(&row.get::<String>("role")?),
        };
        if !is_set("confirmed_at")? || row.get::<i64>("seen_at")? + SEEN_EVERY < now {
            self.confirm(who, id, now).await?;
        }
        Ok(who)
    }

    /// The device has shown that it received the pair.
    async fn confirm(&self, who: Who, token: Uuid, now: i64) -> Result<()> {
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let seen = params! { org_id: who.org, id: who.device, now: now };
                    tx.query(include_str!("sql/see_device.sql"), seen).await?;
                    let confirmed = params! { org_id: who.org, id: token, now: now };
                    tx.execute(include_str!("sql/confirm_token.sql"), confirmed)
                        .await?;
                    Ok(())
                })
            })
            .await
    }

    /// The next pair of tokens. `signature` is the device's, of [`refresh_message`].
    ///
    /// # Errors
    /// [`Refusal::ShutOut`]; [`Refusal::LoginRequired`] when the token is unknown, too old, not signed by its device, or
    /// was used before, which ends its family.
    pub async fn refresh(&self, refresh: &Secret, signature: &[u8; 64]) -> Result<Tokens> {
        let token =
            Token::from_text(refresh.expose(), Kind::Refresh).ok_or(Refusal::LoginRequired)?;
        let given = Given {
            org: token.org,
            id: token.id,
            hash: token.hash(),
            message: refresh_message(refresh.expose()),
            signature: Signature::from_bytes(signature),
            now: self.clock.now(),
            lifetimes: self.lifetimes,
        };
        // Looked at among the readers first: a made-up token must not take the writers' time.
        let seen = given.clone();
        self.db
            .read::<_, crate::error::Error, _>(move |tx| {
                let given = seen.clone();
                Box::pin(async move {
                    let token = params! { org_id: given.org, id: given.id };
                    let row = tx
                        .query_optional(include_str!("sql/token.sql"), token)
                        .await?;
                    let row = row.ok_or(Refusal::LoginRequired)?;
                    is_given(&row, &given)
                })
            })
            .await?;
        // A refusal that must be remembered is an answer to the transaction, so that it commits.
        let answer: Result<Tokens, Refusal> = self
            .db
            .write::<_, crate::error::Error, _>(move |tx| {
                let given = given.clone();
                Box::pin(async move { next_pair(tx, given).await })
            })
            .await?;
        Ok(answer?)
    }

    /// Forgets tokens whose time is long past; how many organisations were looked at. Once an hour.
    ///
    /// # Errors
    /// The database's.
    pub async fn forget_old_tokens(&self) -> Result<usize> {
        const MONTH: i64 = 30 * 24 * 60 * 60 * 1_000;
        let before = self.clock.now() - MONTH;
        let orgs = self.list_orgs().await?;
        for org in &orgs {
            let org = org.id;
            self.db
                .write::<_, crate::error::Error, _>(move |tx| {
                    Box::pin(async move {
                        let old = params! { org_id: org, before: before };
                        Ok(tx
                            .execute(include_str!("sql/forget_tokens.sql"), old)
                            .await?)
                    })
                })
                .await?;
        }
        Ok(orgs.len())
    }
}

#[derive(Clone)]
struct Given {
    org: OrgId,
    id: Uuid,
    hash: blake3::Hash,
    message: Vec<u8>,
    signature: Signature,
    now: i64,
    lifetimes: Lifetimes,
}

/// Whether the row is that of the token that was sent. Equality of these hashes takes the same time wherever they differ.
fn is_given(row: &Row, given: &Given) -> Result<()> {
    let wanted = blake3::Hash::from_bytes(row.get("refresh_hash")?);
    if wanted == given.hash {
        Ok(())
    } else {
        Err(Refusal::LoginRequired.into())
    }
}

async fn next_pair(tx: &mut Tx, given: Given) -> Result<Result<Tokens, Refusal>> {
    let Given { org, id, now, .. } = given;
    let token = params! { org_id: org, id: id };
    let row = tx
        .query_one(include_str!("sql/token.sql"), token.clone())
        .await?;
    let device_id: DeviceId = row.get("device_id")?;
    // The device's row is the lock: two refreshes of one device wait for each other here.
    let seen = params! { org_id: org, id: device_id, now: now };
    let device = tx
        .query_one(include_str!("sql/see_device.sql"), seen)
        .await?;
    let row = tx.query_one(include_str!("sql/token.sql"), token).await?;
    is_given(&row, &given)?;
    let signed = VerifyingKey::from_bytes(&device.get("public_key")?)
        .is_ok_and(|key| key.verify_strict(&given.message, &given.signature).is_ok());
    if !signed {
        // An error, so that it is rolled back: a guess is no sign of life.
        return Err(Refusal::LoginRequired.into());
    }
    let user: UserId = device.get("user_id")?;
    let account = super::users::by_id(tx, org, user).await?;
    if let Some(at) = device
        .get::<Option<i64>>("revoked_at")?
        .or(account.disabled_at)
    {
        return orders::shut_out(tx, org, user, device_id, at)
            .await
            .map(Err);
    }
    let family: Uuid = row.get("family_id")?;
    let past = row.get::<i64>("refresh_until")? <= now;
    if past || row.get::<Option<i64>>("revoked_at")?.is_some() {
        return Ok(Err(Refusal::LoginRequired));
    }
    if row.get::<Option<i64>>("replaced_at")?.is_some() {
        let after = params! { org_id: org, family_id: family, id: id };
        for next in tx.query(include_str!("sql/successors.sql"), after).await? {
            if next.get::<Option<i64>>("confirmed_at")?.is_some() {
                let by = By {
                    user: Some(user),
                    device: Some(device_id),
                };
                let mut chain = Chain::hold(tx, org, now, by).await?;
                let ended = params! { org_id: org, family_id: family, now: now };
                tx.execute(include_str!("sql/revoke_family.sql"), ended)
                    .await?;
                chain
                    .note(tx, Entry::new("token.reuse", device_id.0))
                    .await?;
                return Ok(Err(Refusal::LoginRequired));
            }
            let withdrawn = params! { org_id: org, id: next.get::<Uuid>("id")?, now: now };
            tx.execute(include_str!("sql/revoke_token.sql"), withdrawn)
                .await?;
        }
    }
    let replaced = params! { org_id: org, id: id, now: now };
    tx.execute(include_str!("sql/replace_token.sql"), replaced)
        .await?;
    give(tx, org, device_id, family, Some(id), now, given.lifetimes)
        .await
        .map(Ok)
}

/// The first pair of a new family.
pub(super) async fn begin(
    tx: &mut Tx,
    org: OrgId,
    device: DeviceId,
    now: i64,
    lifetimes: Lifetimes,
) -> Result<Tokens> {
    give(tx, org, device, Uuid::now_v7(), None, now, lifetimes).await
}

async fn give(
    tx: &mut Tx,
    org: OrgId,
    device: DeviceId,
    family: Uuid,
    previous: Option<Uuid>,
    now: i64,
    lifetimes: Lifetimes,
) -> Result<Tokens> {
    let id = Uuid::now_v7();
    let access = Token {
        org,
        id,
        secret: random()?,
    };
    let refresh = Token {
        org,
        id,
        secret: random()?,
    };
    let access_until = now.saturating_add(milliseconds(lifetimes.access));
    let refresh_until = now.saturating_add(milliseconds(lifetimes.refresh));
    let row = params! {
        org_id: org, id: id, family_id: family, device_id: device,
        access_hash: *access.hash().as_bytes(), access_until: access_until,
        refresh_hash: *refresh.hash().as_bytes(), refresh_until: refresh_until, previous_id: previous,
    };
    tx.execute(include_str!("sql/add_token.sql"), row).await?;
    Ok(Tokens {
        access: access.to_text(Kind::Access),
        refresh: refresh.to_text(Kind::Refresh),
        access_until,
        refresh_until,
    })
}
