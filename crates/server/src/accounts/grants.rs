//! Who holds which scope, kept as rows that push and pull read. After each change of roles or teams they are settled anew;
//! what a user holds no longer is noted with its place in the feed, so that the laptop purges it.

use std::collections::{BTreeMap, BTreeSet};

use ketu_model::UserId;
use ketu_model::authorize::{Actor, Level, Role, Scope};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::users::role_of;
use super::{Accounts, By, Chain, Entry, Person, Reason, standing, teams, users};
use crate::db::{DbError, Result as DbResult, Row, Tx};
use crate::error::{Refusal, Result};
use crate::ids::OrgId;
use crate::params;

/// One reason for which a user holds a scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Grant {
    /// `org`, `pool`, `user:<id>`, `owner:<id>` or `root:<id>`.
    #[schema(value_type = String)]
    pub scope: Scope,
    #[schema(example = "team")]
    pub reason: String,
    #[schema(value_type = String, example = "write")]
    pub level: Level,
    /// The feed's number from which on it holds.
    pub since: i64,
}

/// A user as [`ketu_model::authorize`] sees one, from the rows: the furthest level of each scope.
///
/// # Errors
/// The database's.
pub async fn actor_of(tx: &mut Tx, org: OrgId, user: UserId, role: Role) -> DbResult<Actor> {
    let mut scopes: BTreeMap<Scope, Level> = BTreeMap::new();
    for grant in of_user(tx, org, user).await? {
        let level = scopes.entry(grant.scope).or_insert(grant.level);
        *level = (*level).max(grant.level);
    }
    Ok(Actor {
        user: user.0,
        role,
        scopes,
    })
}

impl Accounts {
    /// All reasons for which a user holds a scope.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_grants(&self, org: OrgId, user: UserId) -> Result<Vec<Grant>> {
        self.db
            .read(move |tx| {
                Box::pin(async move {
                    users::by_id(tx, org, user).await?;
                    Ok(of_user(tx, org, user).await?)
                })
            })
            .await
    }

    /// Shares one customer, and all below it, with a user; or ends that (`level` none).
    ///
    /// # Errors
    /// [`Refusal::NotFound`] of the user; [`Refusal::Invalid`] of a level that a share cannot give.
    pub async fn share(
        &self,
        org: OrgId,
        by: By,
        user: UserId,
        root: Uuid,
        level: Option<Level>,
    ) -> Result<()> {
        if level == Some(Level::Own) {
            return Err(Refusal::Invalid {
                field: "level",
                rule: "not_by_share",
            }
            .into());
        }
        let now = self.clock.now();
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let seq = next_seq(tx, org).await?;
                    let mut chain = Chain::hold(tx, org, now, by).await?;
                    users::by_id(tx, org, user).await?;
                    share(tx, &mut chain, org, user, root, level, seq).await
                })
            })
            .await
    }
}

/// Takes the feed's lock row and its next number; the first thing a transaction does that changes rights.
///
/// # Errors
/// The database's.
pub async fn next_seq(tx: &mut Tx, org: OrgId) -> DbResult<i64> {
    tx.query_one(
        include_str!("sql/take_feed_head.sql"),
        params! { org_id: org },
    )
    .await?
    .get("n")
}

async fn share(
    tx: &mut Tx,
    chain: &mut Chain,
    org: OrgId,
    user: UserId,
    root: Uuid,
    level: Option<Level>,
    seq: i64,
) -> Result<()> {
    let scope = Scope::Root(root);
    let reason = Reason::Share.as_str();
    if let Some(level) = level {
        put(tx, org, &[((user, scope, reason), level)], seq).await?;
    } else {
        take(tx, org, &[(user, scope, reason.to_owned())], seq).await?;
    }
    let action = if level.is_some() {
        "share.add"
    } else {
        "share.remove"
    };
    chain
        .note(tx, Entry::new(action, root).with("user", user.to_string()))
        .await
}

/// Brings the rows that follow from roles and teams to what these now say.
pub(super) async fn settle(tx: &mut Tx, chain: &mut Chain, org: OrgId, seq: i64) -> Result<()> {
    let rows = tx
        .query(include_str!("sql/list_people.sql"), params! { org_id: org })
        .await?;
    let people: Vec<Person> = rows.iter().map(person).collect::<DbResult<_>>()?;
    let wanted = standing(&people, &teams::tree(tx, org).await?);
    let rows = tx
        .query(include_str!("sql/list_grants.sql"), params! { org_id: org })
        .await?;
    let mut held = BTreeMap::new();
    for row in &rows {
        let (user, grant): (UserId, Grant) = (row.get("user_id")?, grant(row)?);
        if grant.reason != Reason::Share.as_str() {
            held.insert((user, grant.scope, grant.reason), grant.level);
        }
    }
    let added: Vec<_> = wanted
        .iter()
        .map(|((user, scope, reason), level)| ((*user, *scope, reason.as_str()), *level))
        .filter(|((user, scope, reason), level)| {
            held.get(&(*user, *scope, (*reason).to_owned())) != Some(level)
        })
        .collect();
    let still: BTreeSet<(UserId, Scope, &str)> = wanted
        .keys()
        .map(|(user, scope, reason)| (*user, *scope, reason.as_str()))
        .collect();
    let gone: Vec<_> = held
        .into_keys()
        .filter(|(user, scope, reason)| !still.contains(&(*user, *scope, reason.as_str())))
        .collect();
    if added.is_empty() && gone.is_empty() {
        return Ok(());
    }
    put(tx, org, &added, seq).await?;
    take(tx, org, &gone, seq).await?;
    let entry = Entry::new("rights.settle", org.0)
        .with("added", added.len())
        .with("removed", gone.len());
    chain.note(tx, entry).await
}

async fn put(
    tx: &mut Tx,
    org: OrgId,
    grants: &[((UserId, Scope, &'static str), Level)],
    seq: i64,
) -> DbResult<()> {
    let rows: Vec<_> = grants
        .iter()
        .map(|((user, scope, reason), level)| {
            params! {
                org_id: org, user_id: *user, scope: scope.to_string(), reason: *reason, level: level_text(*level),
                since: seq,
            }
        })
        .collect();
    tx.insert_many(include_str!("sql/put_grant.sql"), &rows)
        .await?;
    Ok(())
}

/// Removes rows, and notes the scopes that no other reason holds.
async fn take(
    tx: &mut Tx,
    org: OrgId,
    grants: &[(UserId, Scope, String)],
    seq: i64,
) -> DbResult<()> {
    let rows: Vec<_> = grants
        .iter()
        .map(|(user, scope, reason)| {
            params! { org_id: org, user_id: *user, scope: scope.to_string(), reason: reason.as_str() }
        })
        .collect();
    let removed = tx
        .execute_many(include_str!("sql/remove_grant.sql"), &rows)
        .await?;
    let removed: Vec<(UserId, String)> = grants
        .iter()
        .zip(removed)
        .filter(|(_, rows)| *rows > 0)
        .map(|((user, scope, _), _)| (*user, scope.to_string()))
        .collect();
    let scopes: Vec<_> = removed
        .iter()
        .map(|(user, scope)| params! { org_id: org, user_id: *user, scope: scope })
        .collect();
    let held = tx
        .query_many(include_str!("sql/count_grants.sql"), &scopes)
        .await?;
    let mut lost = Vec::new();
    for ((user, scope), held) in removed.into_iter().zip(held) {
        let held: i64 = held.first().ok_or(DbError::NoRow)?.get("n")?;
        if held == 0 {
            lost.push(params! { org_id: org, user_id: user, scope: scope, seq: seq });
        }
    }
    tx.execute_many(include_str!("sql/lose_access.sql"), &lost)
        .await?;
    Ok(())
}

async fn of_user(tx: &mut Tx, org: OrgId, user: UserId) -> DbResult<Vec<Grant>> {
    let sql = include_str!("sql/grants_of.sql");
    let rows = tx
        .query(sql, params! { org_id: org, user_id: user })
        .await?;
    rows.iter().map(grant).collect()
}

fn grant(row: &Row) -> DbResult<Grant> {
    let scope: String = row.get("scope")?;
    Ok(Grant {
        scope: scope.parse().map_err(|_| DbError::Column("scope"))?,
        reason: row.get("reason")?,
        level: level_of(&row.get::<String>("level")?),
        since: row.get("since")?,
    })
}

fn person(row: &Row) -> DbResult<Person> {
    Ok(Person {
        id: row.get("id")?,
        role: role_of(&row.get::<String>("role")?),
        team: row.get("team_id")?,
        disabled: row.get::<Option<i64>>("disabled_at")?.is_some(),
    })
}

fn level_text(level: Level) -> &'static str {
    match level {
        Level::Read => "read",
        Level::Write => "write",
        Level::Own => "own",
    }
}

/// A level that a newer server wrote gives the least here.
fn level_of(text: &str) -> Level {
    match text {
        "own" => Level::Own,
        "write" => Level::Write,
        _ => Level::Read,
    }
}
