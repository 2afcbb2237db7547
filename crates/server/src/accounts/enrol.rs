//! How a laptop comes in: with a login and a password, or with an invitation's code and a password chosen now.

use std::net::IpAddr;

use ed25519_dalek::VerifyingKey;
use ketu_model::{DeviceId, UserId};
use uuid::Uuid;

use super::secrets::{Kind, Token, code_hash};
use super::users::{self, Account, checked_name, normal_login};
use super::{Accounts, By, Chain, Entry, Passwords, Secret, Tokens, orders, sessions};
use crate::db::Tx;
use crate::error::{Refusal, Result};
use crate::ids::OrgId;
use crate::params;

/// What the user knows.
#[derive(Debug, Clone)]
pub enum Proof {
    Password(Secret),
    /// The code of an invitation; the password is set with it.
    Invitation {
        code: Secret,
        password: Secret,
    },
}

#[derive(Debug, Clone)]
pub struct Enrolment {
    pub org: OrgId,
    pub login: String,
    pub proof: Proof,
    /// Ed25519, from the laptop's keyring.
    pub public_key: [u8; 32],
    pub device_name: String,
    /// The refresh token that the laptop has, if it has any.
    pub refresh: Option<Secret>,
    pub from: Option<IpAddr>,
}

#[derive(Debug, Clone)]
pub struct Enrolled {
    pub org: OrgId,
    pub user: UserId,
    pub device: DeviceId,
    pub tokens: Tokens,
    /// The organisation's public key: the laptop obeys what it signed.
    pub org_key: [u8; 32],
}

impl Accounts {
    /// Lets a laptop in. The same key of the same user is the same device, so that a lost answer or a later log in makes no
    /// second one. Who has the key but not the token of its living session is a copy of that laptop, and must come with a
    /// key of its own: by logging in, the two would shut each other out again and again.
    ///
    /// # Errors
    /// [`Refusal::WrongLogin`] whatever of login, password, code or organisation is wrong; [`Refusal::RateLimited`];
    /// [`Refusal::Revoked`] for a key or a user that was shut out; [`Refusal::Taken`] of a key; [`Refusal::Invalid`].
    pub async fn enrol(&self, asked: Enrolment) -> Result<Enrolled> {
        let now = self.clock.now();
        let login = normal_login(&asked.login)?;
        let device_name = checked_name(&asked.device_name).map_err(|_| Refusal::Invalid {
            field: "device_name",
            rule: "length",
        })?;
        VerifyingKey::from_bytes(&asked.public_key)
            .ok()
            .filter(|key| !key.is_weak())
            .ok_or(Refusal::Invalid {
                field: "public_key",
                rule: "not_a_key",
            })?;
        self.throttle
            .try_login(asked.org.0, &login, asked.from, now)
            .map_err(|retry_after| Refusal::RateLimited { retry_after })?;
        let org = asked.org;
        let account = {
            let login = login.clone();
            self.db
                .read(move |tx| {
                    let login = login.clone();
                    Box::pin(async move { users::by_login(tx, org, &login).await })
                })
                .await?
        };
        let proved = self.prove(org, &login, account, asked.proof, now).await?;
        if proved.account.disabled_at.is_some() {
            return Err(Refusal::Revoked.into());
        }
        self.throttle.forgive(org.0, &login, asked.from);
        let user = proved.account.id;
        let lifetimes = self.lifetimes;
        let public_key = asked.public_key;
        let shown = asked
            .refresh
            .and_then(|token| Some(Token::from_text(token.expose(), Kind::Refresh)?.hash()));
        self.db
            .write(move |tx| {
                let (device_name, new_password) =
                    (device_name.clone(), proved.new_password.clone());
                Box::pin(async move {
                    let mut chain = Chain::hold(
                        tx,
                        org,
                        now,
                        By {
                            user: Some(user),
                            device: None,
                        },
                    )
                    .await?;
                    // What was read before the password was checked may have changed since.
                    if users::by_id(tx, org, user).await?.disabled_at.is_some() {
                        return Err(Refusal::Revoked.into());
                    }
                    if let Some((invitation, password)) = new_password {
                        let used = params! { org_id: org, id: invitation, now: now };
                        if tx
                            .execute(include_str!("sql/use_invitation.sql"), used)
                            .await?
                            == 0
                        {
                            return Err(Refusal::WrongLogin.into());
                        }
                        users::set_password(tx, org, user, &password).await?;
                        chain
                            .note(tx, Entry::new("invitation.use", invitation))
                            .await?;
                    }
                    let device =
                        settle_device(tx, org, user, public_key, &device_name, now).await?;
                    if is_anothers(tx, org, device, shown, now).await? {
                        let field = "public_key";
                        return Err(Refusal::Taken { field }.into());
                    }
                    chain.note(tx, Entry::new("device.enrol", device.0)).await?;
                    let ended = params! { org_id: org, device_id: device, now: now };
                    tx.execute(include_str!("sql/revoke_device_tokens.sql"), ended)
                        .await?;
                    let tokens = sessions::begin(tx, org, device, now, lifetimes).await?;
                    let org_key = orders::key(tx, org, now).await?;
                    Ok(Enrolled {
                        org,
                        user,
                        device,
                        tokens,
                        org_key,
                    })
                })
            })
            .await
    }

    /// Checks what the user knows. All ways of being wrong take one hash and read alike.
    async fn prove(
        &self,
        org: OrgId,
        login: &str,
        account: Option<Account>,
        proof: Proof,
        now: i64,
    ) -> Result<Proved> {
        match proof {
            Proof::Password(password) => {
                let stored = account
                    .as_ref()
                    .and_then(|account| account.password.clone());
                let right = self.passwords.is(password, stored).await?;
                let account = account.filter(|_| right).ok_or(Refusal::WrongLogin)?;
                Ok(Proved {
                    account,
                    new_password: None,
                })
            }
            Proof::Invitation { code, password } => {
                Passwords::check_choice(&password, login)?;
                let hash = self.passwords.hash(password).await?;
                let account = account.ok_or(Refusal::WrongLogin)?;
                let user = account.id;
                let invitation = self
                    .db
                    .read(move |tx| {
                        let code = code.clone();
                        Box::pin(async move { invitation_of(tx, org, user, &code, now).await })
                    })
                    .await?;
                let invitation = invitation.ok_or(Refusal::WrongLogin)?;
                Ok(Proved {
                    account,
                    new_password: Some((invitation, hash)),
                })
            }
        }
    }
}

struct Proved {
    account: Account,
    /// The invitation that is used up, and the hash of the password chosen with it.
    new_password: Option<(Uuid, String)>,
}

async fn invitation_of(
    tx: &mut Tx,
    org: OrgId,
    user: UserId,
    code: &Secret,
    now: i64,
) -> Result<Option<Uuid>> {
    let given = code_hash(code.expose());
    let open = params! { org_id: org, user_id: user, now: now };
    for row in tx
        .query(include_str!("sql/open_invitations.sql"), open)
        .await?
    {
        let wanted = blake3::Hash::from_bytes(row.get("code_hash")?);
        // Equality of these hashes takes the same time wherever they differ.
        if wanted == given {
            return Ok(Some(row.get("id")?));
        }
    }
    Ok(None)
}

/// Whether the device has a session that lives, and whoever logs in does not hold it.
async fn is_anothers(
    tx: &mut Tx,
    org: OrgId,
    device: DeviceId,
    shown: Option<blake3::Hash>,
    now: i64,
) -> Result<bool> {
    let sql = include_str!("sql/living_sessions.sql");
    let living = params! { org_id: org, device_id: device, now: now };
    let mut living = tx.query(sql, living).await?.into_iter();
    let held = living
        .next()
        .map(|row| row.get("refresh_hash"))
        .transpose()?;
    Ok(held.is_some_and(|held| shown != Some(blake3::Hash::from_bytes(held))))
}

async fn settle_device(
    tx: &mut Tx,
    org: OrgId,
    user: UserId,
    public_key: [u8; 32],
    name: &str,
    now: i64,
) -> Result<DeviceId> {
    let sql = include_str!("sql/device_by_key.sql");
    let known = params! { org_id: org, user_id: user, public_key: public_key };
    if let Some(known) = tx.query_optional(sql, known).await? {
        if known.get::<Option<i64>>("revoked_at")?.is_some() {
            return Err(Refusal::Revoked.into());
        }
        return Ok(known.get("id")?);
    }
    let id = DeviceId(Uuid::now_v7());
    let new = params! { org_id: org, id: id, user_id: user, name: name, public_key: public_key, now: now };
    tx.execute(include_str!("sql/add_device.sql"), new).await?;
    Ok(id)
}
