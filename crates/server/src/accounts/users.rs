//! The people of an organisation, and the invitations by which they come in.

use ketu_model::UserId;
use ketu_model::authorize::Role;
use ketu_model::ids::normal_name;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::grants::Change;
use super::secrets::{code, code_hash};
use super::{Accounts, By, Chain, Entry, Lifetimes, Secret, milliseconds};
use crate::db::{Row, Tx};
use crate::error::{Refusal, Result};
use crate::ids::{OrgId, TeamId};
use crate::params;

/// A user as administrators see one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct User {
    #[schema(value_type = Uuid)]
    pub id: UserId,
    pub login: String,
    pub name: String,
    #[schema(value_type = String, example = "salesperson")]
    pub role: Role,
    #[schema(value_type = Option<Uuid>)]
    pub team: Option<TeamId>,
    /// False until the invitation has been used.
    pub has_password: bool,
    pub disabled: bool,
}

/// Somebody who joins.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// What is typed to log in; its case and width do not matter.
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub login: String,
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub name: String,
    #[schema(value_type = String, pattern = "^(salesperson|manager|admin)$")]
    pub role: Role,
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    pub team: Option<TeamId>,
}

/// A change of a user; what is absent stays. `team: null` takes the user out of the team.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserEdit {
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub name: Option<String>,
    #[schema(value_type = Option<String>, pattern = "^(salesperson|manager|admin)$")]
    pub role: Option<Role>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Uuid>)]
    pub team: Option<Option<TeamId>>,
    pub disabled: Option<bool>,
}

/// Tells "absent" from "null".
pub(super) fn given<'de, D, T>(from: D) -> Result<Option<Option<T>>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::<T>::deserialize(from).map(Some)
}

/// What lets a user in once, to choose a password. Its code is shown now and never again.
#[derive(Debug, Clone)]
pub struct Invitation {
    pub org: OrgId,
    pub user: UserId,
    pub login: String,
    pub code: Secret,
    /// Milliseconds since 1970.
    pub expires_at: i64,
}

impl Accounts {
    /// All users, by login.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_users(&self, org: OrgId) -> Result<Vec<User>> {
        self.db
            .read(move |tx| {
                Box::pin(async move {
                    let sql = include_str!("sql/list_accounts.sql");
                    let rows = tx.query(sql, params! { org_id: org }).await?;
                    rows.iter().map(user).collect()
                })
            })
            .await
    }

    /// Adds a user, who comes in by the invitation.
    ///
    /// # Errors
    /// [`Refusal::Taken`], [`Refusal::Invalid`], or [`Refusal::NotFound`] of the team.
    pub async fn add_user(&self, org: OrgId, by: By, new: NewUser) -> Result<(UserId, Invitation)> {
        let now = self.clock.now();
        let lifetimes = self.lifetimes;
        self.db
            .write(move |tx| {
                let new = new.clone();
                Box::pin(async move {
                    let change = Change::begin(tx, org).await?;
                    let mut chain = Chain::hold(tx, org, now, by).await?;
                    let id = add(tx, &mut chain, org, &new, now).await?;
                    change.settle(tx, &mut chain, org, None).await?;
                    let invitation = invite(tx, &mut chain, org, id, now, lifetimes).await?;
                    Ok((id, invitation))
                })
            })
            .await
    }

    /// Changes a user. Shutting one out also ends all tokens; the last admin cannot be shut out or demoted.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Invalid`].
    pub async fn update_user(&self, org: OrgId, by: By, id: UserId, edit: UserEdit) -> Result<()> {
        let now = self.clock.now();
        self.db
            .write(move |tx| {
                let edit = edit.clone();
                Box::pin(async move {
                    let change = Change::begin(tx, org).await?;
                    let mut chain = Chain::hold(tx, org, now, by).await?;
                    let renamed = edit.name.is_some().then_some(id);
                    update(tx, &mut chain, org, id, edit, now).await?;
                    change.settle(tx, &mut chain, org, renamed).await
                })
            })
            .await
    }

    /// A new invitation; earlier ones of the user end, the password stays.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn invite(&self, org: OrgId, by: By, id: UserId) -> Result<Invitation> {
        let now = self.clock.now();
        let lifetimes = self.lifetimes;
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let mut chain = Chain::hold(tx, org, now, by).await?;
                    invite(tx, &mut chain, org, id, now, lifetimes).await
                })
            })
            .await
    }

    /// Takes the password away and ends all tokens; the user comes in again by the invitation.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn reset_password(&self, org: OrgId, by: By, id: UserId) -> Result<Invitation> {
        let now = self.clock.now();
        let lifetimes = self.lifetimes;
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let mut chain = Chain::hold(tx, org, now, by).await?;
                    let user = params! { org_id: org, id: id };
                    tx.execute(include_str!("sql/clear_password.sql"), user)
                        .await?;
                    end_tokens(tx, org, id, now).await?;
                    chain.note(tx, Entry::new("password.reset", id.0)).await?;
                    invite(tx, &mut chain, org, id, now, lifetimes).await
                })
            })
            .await
    }

    /// Changes the own password, which the caller proves to know; all other devices log in again.
    ///
    /// # Errors
    /// [`Refusal::WrongLogin`], [`Refusal::RateLimited`], or [`Refusal::Invalid`] of the new password.
    pub async fn change_password(
        &self,
        org: OrgId,
        by: By,
        id: UserId,
        current: Secret,
        new: Secret,
    ) -> Result<()> {
        let now = self.clock.now();
        let account = self.db.read(move |tx| Box::pin(by_id(tx, org, id))).await?;
        // By the id, which no log in can name: a colleague's mistakes there do not stand in the way here.
        self.throttle
            .try_login(org.0, &id.to_string(), None, now)
            .map_err(|retry_after| Refusal::RateLimited { retry_after })?;
        super::Passwords::check_choice(&new, &account.login)?;
        if !self.passwords.is(current, account.password).await? {
            return Err(Refusal::WrongLogin.into());
        }
        self.throttle.forgive(org.0, &id.to_string(), None);
        let password = self.passwords.hash(new).await?;
        self.db
            .write(move |tx| {
                let password = password.clone();
                Box::pin(async move {
                    let mut chain = Chain::hold(tx, org, now, by).await?;
                    set_password(tx, org, id, &password).await?;
                    let others =
                        params! { org_id: org, user_id: id, device_id: by.device, now: now };
                    tx.execute(include_str!("sql/revoke_other_tokens.sql"), others)
                        .await?;
                    chain.note(tx, Entry::new("password.change", id.0)).await
                })
            })
            .await
    }
}

/// A row of `account` as log in needs it.
pub(super) struct Account {
    pub id: UserId,
    pub login: String,
    pub name: String,
    pub role: Role,
    pub team: Option<TeamId>,
    pub password: Option<String>,
    pub disabled_at: Option<i64>,
}

fn account(row: &Row) -> Result<Account> {
    Ok(Account {
        id: row.get("id")?,
        login: row.get("login")?,
        name: row.get("name")?,
        role: role_of(&row.get::<String>("role")?),
        team: row.get("team_id")?,
        password: row.get("password")?,
        disabled_at: row.get("disabled_at")?,
    })
}

pub(super) async fn by_id(tx: &mut Tx, org: OrgId, id: UserId) -> Result<Account> {
    let sql = include_str!("sql/account_by_id.sql");
    let row = tx
        .query_optional(sql, params! { org_id: org, id: id })
        .await?;
    account(&row.ok_or(Refusal::NotFound("user"))?)
}

/// # Errors
/// [`Refusal::NotFound`].
pub(crate) async fn exists(tx: &mut Tx, org: OrgId, id: UserId) -> Result<()> {
    by_id(tx, org, id).await.map(drop)
}

pub(super) async fn by_login(tx: &mut Tx, org: OrgId, login: &str) -> Result<Option<Account>> {
    let sql = include_str!("sql/account_by_login.sql");
    let row = tx
        .query_optional(sql, params! { org_id: org, login: login })
        .await?;
    row.as_ref().map(account).transpose()
}

pub(super) async fn set_password(
    tx: &mut Tx,
    org: OrgId,
    id: UserId,
    password: &str,
) -> Result<()> {
    let set = params! { org_id: org, id: id, password: password };
    tx.execute(include_str!("sql/set_password.sql"), set)
        .await?;
    Ok(())
}

pub(super) async fn end_tokens(tx: &mut Tx, org: OrgId, user: UserId, now: i64) -> Result<()> {
    let of = params! { org_id: org, user_id: user, now: now };
    tx.execute(include_str!("sql/revoke_user_tokens.sql"), of)
        .await?;
    Ok(())
}

pub(super) async fn add(
    tx: &mut Tx,
    chain: &mut Chain,
    org: OrgId,
    new: &NewUser,
    now: i64,
) -> Result<UserId> {
    let login = normal_login(&new.login)?;
    let name = checked_name(&new.name)?;
    if let Some(team) = new.team {
        super::teams::exists(tx, org, team).await?;
    }
    let id = UserId(Uuid::now_v7());
    let row = params! {
        org_id: org, id: id, login: login, name: name, role: role_text(new.role), team_id: new.team,
        created_at: now,
    };
    if tx.execute(include_str!("sql/add_account.sql"), row).await? == 0 {
        return Err(Refusal::Taken { field: "login" }.into());
    }
    let entry = Entry::new("user.add", id.0).with("role", role_text(new.role));
    chain.note(tx, entry).await?;
    Ok(id)
}

async fn update(
    tx: &mut Tx,
    chain: &mut Chain,
    org: OrgId,
    id: UserId,
    edit: UserEdit,
    now: i64,
) -> Result<()> {
    let before = by_id(tx, org, id).await?;
    let name = edit.name.as_deref().map(checked_name).transpose()?;
    let role = edit.role.unwrap_or(before.role);
    let team = edit.team.unwrap_or(before.team);
    let disabled_at = match edit.disabled {
        Some(true) => before.disabled_at.or(Some(now)),
        Some(false) => None,
        None => before.disabled_at,
    };
    if let Some(team) = team {
        super::teams::exists(tx, org, team).await?;
    }
    let was_admin = before.role == Role::Admin && before.disabled_at.is_none();
    if was_admin && (role != Role::Admin || disabled_at.is_some()) {
        let sql = include_str!("sql/count_admins.sql");
        let others = tx.query_one(sql, params! { org_id: org, id: id }).await?;
        if others.get::<i64>("n")? == 0 {
            return Err(Refusal::Invalid {
                field: "role",
                rule: "last_admin",
            }
            .into());
        }
    }
    let mut fields = Vec::new();
    fields.extend(name.is_some().then_some("name"));
    fields.extend((role != before.role).then_some("role"));
    fields.extend((team != before.team).then_some("team"));
    fields.extend((disabled_at != before.disabled_at).then_some("disabled"));
    let row = params! {
        org_id: org, id: id, name: name.unwrap_or(before.name), role: role_text(role), team_id: team,
        disabled_at: disabled_at,
    };
    tx.execute(include_str!("sql/update_account.sql"), row)
        .await?;
    if disabled_at.is_some() {
        end_tokens(tx, org, id, now).await?;
    }
    let entry = Entry::new("user.update", id.0)
        .with("fields", fields)
        .with("role", role_text(role));
    chain.note(tx, entry).await
}

pub(super) async fn invite(
    tx: &mut Tx,
    chain: &mut Chain,
    org: OrgId,
    user: UserId,
    now: i64,
    lifetimes: Lifetimes,
) -> Result<Invitation> {
    let login = by_id(tx, org, user).await?.login;
    let earlier = params! { org_id: org, user_id: user, now: now };
    tx.execute(include_str!("sql/end_invitations.sql"), earlier)
        .await?;
    let code = code()?;
    let expires_at = now.saturating_add(milliseconds(lifetimes.invitation));
    let row = params! {
        org_id: org, id: Uuid::now_v7(), user_id: user, code_hash: *code_hash(code.expose()).as_bytes(),
        created_at: now, expires_at: expires_at,
    };
    tx.execute(include_str!("sql/add_invitation.sql"), row)
        .await?;
    chain.note(tx, Entry::new("user.invite", user.0)).await?;
    Ok(Invitation {
        org,
        user,
        login,
        code,
        expires_at,
    })
}

fn user(row: &Row) -> Result<User> {
    Ok(User {
        id: row.get("id")?,
        login: row.get("login")?,
        name: row.get("name")?,
        role: role_of(&row.get::<String>("role")?),
        team: row.get("team_id")?,
        has_password: row.get("has_password")?,
        disabled: row.get::<Option<i64>>("disabled_at")?.is_some(),
    })
}

/// The form under which logins are one.
pub(super) fn normal_login(login: &str) -> Result<String, Refusal> {
    let login = normal_name(login);
    let bad =
        login.is_empty() || login.chars().count() > 100 || login.chars().any(char::is_control);
    if bad {
        return Err(Refusal::Invalid {
            field: "login",
            rule: "length",
        });
    }
    Ok(login)
}

pub(super) fn checked_name(name: &str) -> Result<String, Refusal> {
    let name = name.trim();
    let bad = name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control);
    if bad {
        return Err(Refusal::Invalid {
            field: "name",
            rule: "length",
        });
    }
    Ok(name.to_owned())
}

pub(super) fn role_text(role: Role) -> &'static str {
    match role {
        Role::Salesperson => "salesperson",
        Role::Manager => "manager",
        Role::Admin => "admin",
    }
}

/// A role that a newer server wrote gives the least here.
pub(crate) fn role_of(text: &str) -> Role {
    match text {
        "admin" => Role::Admin,
        "manager" => Role::Manager,
        _ => Role::Salesperson,
    }
}
