//! Who holds which scope. It follows from roles, teams and shares and is worked out when it is asked for; what a change of
//! roles or teams takes from somebody is noted with its place in the feed, so that late pushes can be told from forbidden ones.

use std::collections::{BTreeMap, BTreeSet};

use ketu_model::UserId;
use ketu_model::authorize::{Actor, Level, Role, Scope};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::users::role_of;
use super::{Accounts, Chain, Entry, Person, members_below, standing, teams, users};
use crate::db::{Result as DbResult, Row, Tx};
use crate::engine;
use crate::error::Result;
use crate::ids::OrgId;
use crate::params;

/// One reason for which a user holds a scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Grant {
    /// `org`, `pool`, `user:<id>`, `owner:<id>` or `root:<id>`.
    #[schema(value_type = String)]
    pub scope: Scope,
    /// `own`, `role`, `team`, `given` (a share), `opportunity:<id>`.
    #[schema(example = "team")]
    pub reason: String,
    #[schema(value_type = String, example = "write")]
    pub level: Level,
}

/// A user as [`ketu_model::authorize`] sees one: the furthest level of each scope.
///
/// # Errors
/// The database's.
pub async fn actor_of(tx: &mut Tx, org: OrgId, user: UserId, role: Role) -> DbResult<Actor> {
    let led: BTreeSet<Uuid> = match role {
        Role::Salesperson => BTreeSet::new(),
        Role::Manager => {
            let people = people(tx, org).await?;
            let led = members_below(user, &people, &teams::tree(tx, org).await?);
            led.into_iter().map(|id| id.0).collect()
        }
        Role::Admin => {
            let people = people(tx, org).await?.into_iter();
            let mut led: BTreeSet<Uuid> = people.map(|person| person.id.0).collect();
            led.extend(owners(tx, org).await?);
            led
        }
    };
    let mut shares: BTreeMap<Uuid, Level> = BTreeMap::new();
    for (root, _, level) in shares_of(tx, org, user).await? {
        let known = shares.entry(root).or_insert(level);
        *known = level.max(*known);
    }
    Ok(Actor::new(user.0, role, &led, shares))
}

/// Everybody who ever owned a record. A restored server may know records of people whom it does not know (§7.7): somebody has to
/// see them to give them away.
async fn owners(tx: &mut Tx, org: OrgId) -> DbResult<Vec<Uuid>> {
    let sql = include_str!("sql/owners_of_records.sql");
    let mut owners = Vec::new();
    for row in tx.query(sql, params! { org_id: org }).await? {
        let scope: String = row.get("scope")?;
        if let Ok(Scope::Owner(owner)) = scope.parse() {
            owners.push(owner);
        }
    }
    Ok(owners)
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
                    let all = standing(&people(tx, org).await?, &teams::tree(tx, org).await?);
                    let mut grants: Vec<Grant> = all
                        .into_iter()
                        .filter(|((of, ..), _)| *of == user)
                        .map(|((_, scope, reason), level)| Grant {
                            scope,
                            reason: reason.as_str().to_owned(),
                            level,
                        })
                        .collect();
                    let shares = shares_of(tx, org, user).await?.into_iter();
                    grants.extend(shares.map(|(root, reason, level)| Grant {
                        scope: Scope::Root(root),
                        reason,
                        level,
                    }));
                    Ok(grants)
                })
            })
            .await
    }
}

/// What everyone holds by role and team, as it stood at some moment.
#[derive(Debug)]
pub(super) struct Held(BTreeMap<UserId, BTreeSet<Scope>>);

/// A change of roles or teams: the feed's lock row and its next number, and what everyone held before.
#[derive(Debug)]
pub(super) struct Change {
    pub seq: i64,
    before: Held,
}

impl Change {
    /// The first thing that a transaction does which changes people or teams.
    pub async fn begin(tx: &mut Tx, org: OrgId) -> DbResult<Self> {
        let seq = engine::next_seq(tx, org).await?;
        let before = held(tx, org).await?;
        Ok(Self { seq, before })
    }

    /// Notes what anybody lost or won since, and makes colleagues known; `renamed` got another name.
    pub async fn settle(
        self,
        tx: &mut Tx,
        chain: &mut Chain,
        org: OrgId,
        renamed: Option<UserId>,
    ) -> Result<()> {
        let after = held(tx, org).await?;
        let minus = |one: &Held, other: &Held| -> Vec<(Uuid, Scope, i64)> {
            let none = BTreeSet::new();
            let mut gone = Vec::new();
            for (user, scopes) in &one.0 {
                let there = other.0.get(user).unwrap_or(&none);
                gone.extend(
                    scopes
                        .difference(there)
                        .map(|scope| (user.0, *scope, self.seq)),
                );
            }
            gone
        };
        let (lost, won) = (minus(&self.before, &after), minus(&after, &self.before));
        if !lost.is_empty() || !won.is_empty() {
            engine::lose(tx, org, &lost).await?;
            engine::rights_changed(tx, org, self.seq).await?;
            let entry = Entry::new("rights.settle", org.0)
                .with("added", won.len())
                .with("removed", lost.len());
            chain.note(tx, entry).await?;
        }
        let (author, now) = (chain.author(), chain.now());
        let renamed = renamed.map(|user| user.0);
        Ok(engine::introduce(tx, org, author, renamed, now).await?)
    }
}

async fn held(tx: &mut Tx, org: OrgId) -> DbResult<Held> {
    let all = standing(&people(tx, org).await?, &teams::tree(tx, org).await?);
    let mut held: BTreeMap<UserId, BTreeSet<Scope>> = BTreeMap::new();
    for (user, scope, _) in all.into_keys() {
        held.entry(user).or_default().insert(scope);
    }
    Ok(Held(held))
}

async fn people(tx: &mut Tx, org: OrgId) -> DbResult<Vec<Person>> {
    let rows = tx
        .query(include_str!("sql/list_people.sql"), params! { org_id: org })
        .await?;
    rows.iter().map(person).collect()
}

/// Root, reason and level of each share.
async fn shares_of(tx: &mut Tx, org: OrgId, user: UserId) -> DbResult<Vec<(Uuid, String, Level)>> {
    let sql = include_str!("../engine/sql/shares_of_user.sql");
    let rows = tx
        .query(sql, params! { org_id: org, user_id: user })
        .await?;
    rows.iter()
        .map(|row| {
            let level = level_of(&row.get::<String>("level")?);
            Ok((row.get("root_id")?, row.get("reason")?, level))
        })
        .collect()
}

fn person(row: &Row) -> DbResult<Person> {
    Ok(Person {
        id: row.get("id")?,
        role: role_of(&row.get::<String>("role")?),
        team: row.get("team_id")?,
        disabled: row.get::<Option<i64>>("disabled_at")?.is_some(),
    })
}

pub(crate) fn level_text(level: Level) -> &'static str {
    match level {
        Level::Read => "read",
        Level::Write => "write",
        Level::Own => "own",
    }
}

/// A level that a newer server wrote gives the least here.
pub(crate) fn level_of(text: &str) -> Level {
    match text {
        "own" => Level::Own,
        "write" => Level::Write,
        _ => Level::Read,
    }
}
