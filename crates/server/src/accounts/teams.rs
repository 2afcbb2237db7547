//! The team tree.

use ketu_model::UserId;
use ketu_model::authorize::Role;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::grants::Change;
use super::users::{checked_name, given};
use super::{Accounts, By, Chain, Entry, TeamOfTree, users, would_circle};
use crate::db::{Result as DbResult, Tx};
use crate::error::{Refusal, Result};
use crate::ids::{OrgId, TeamId};
use crate::params;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Team {
    #[schema(value_type = Uuid)]
    pub id: TeamId,
    pub name: String,
    #[schema(value_type = Option<Uuid>)]
    pub parent: Option<TeamId>,
    #[schema(value_type = Option<Uuid>)]
    pub leader: Option<UserId>,
}

/// A new team.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTeam {
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub name: String,
    #[schema(value_type = Option<Uuid>)]
    pub parent: Option<TeamId>,
    /// A manager or admin.
    #[schema(value_type = Option<Uuid>)]
    pub leader: Option<UserId>,
}

/// A change of a team; what is absent stays, null empties.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamEdit {
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Uuid>)]
    pub parent: Option<Option<TeamId>>,
    /// A manager or admin.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Uuid>)]
    pub leader: Option<Option<UserId>>,
}

impl Accounts {
    /// All teams, by name.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_teams(&self, org: OrgId) -> Result<Vec<Team>> {
        self.db
            .read(move |tx| Box::pin(async move { Ok(list(tx, org).await?) }))
            .await
    }

    /// Adds a team.
    ///
    /// # Errors
    /// [`Refusal::Invalid`], [`Refusal::NotFound`] of the parent or the leader.
    pub async fn add_team(&self, org: OrgId, by: By, new: NewTeam) -> Result<TeamId> {
        let now = self.clock.now();
        self.db
            .write(move |tx| {
                let new = new.clone();
                Box::pin(async move {
                    let change = Change::begin(tx, org).await?;
                    let mut chain = Chain::hold(tx, org, now, by).await?;
                    let blank = Team {
                        id: TeamId(Uuid::now_v7()),
                        name: String::new(),
                        parent: None,
                        leader: None,
                    };
                    let edit = TeamEdit {
                        name: Some(new.name),
                        parent: Some(new.parent),
                        leader: Some(new.leader),
                    };
                    let team = edited(tx, org, blank, edit).await?;
                    let row = params! {
                        org_id: org, id: team.id, name: team.name, parent_id: team.parent, leader_id: team.leader,
                    };
                    tx.execute(include_str!("sql/add_team.sql"), row).await?;
                    chain.note(tx, Entry::new("team.add", team.id.0)).await?;
                    change.settle(tx, &mut chain, org, None).await?;
                    Ok(team.id)
                })
            })
            .await
    }

    /// Changes a team; whoever loses or gains sight of customers by it does so at once.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] also when the tree would become a circle; [`Refusal::NotFound`].
    pub async fn update_team(&self, org: OrgId, by: By, id: TeamId, edit: TeamEdit) -> Result<()> {
        let now = self.clock.now();
        self.db
            .write(move |tx| {
                let edit = edit.clone();
                Box::pin(async move {
                    let change = Change::begin(tx, org).await?;
                    let mut chain = Chain::hold(tx, org, now, by).await?;
                    let before = exists(tx, org, id).await?;
                    let team = edited(tx, org, before, edit).await?;
                    let row = params! {
                        org_id: org, id: id, name: team.name, parent_id: team.parent, leader_id: team.leader,
                    };
                    tx.execute(include_str!("sql/update_team.sql"), row).await?;
                    chain.note(tx, Entry::new("team.update", id.0)).await?;
                    change.settle(tx, &mut chain, org, None).await
                })
            })
            .await
    }

    /// Removes a team; its members and the teams below it move up to its parent.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn remove_team(&self, org: OrgId, by: By, id: TeamId) -> Result<()> {
        let now = self.clock.now();
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let change = Change::begin(tx, org).await?;
                    let mut chain = Chain::hold(tx, org, now, by).await?;
                    let team = exists(tx, org, id).await?;
                    let up = params! { org_id: org, id: id, parent_id: team.parent };
                    tx.execute(include_str!("sql/empty_team.sql"), up.clone())
                        .await?;
                    tx.execute(include_str!("sql/lift_teams.sql"), up).await?;
                    let gone = params! { org_id: org, id: id };
                    tx.execute(include_str!("sql/remove_team.sql"), gone)
                        .await?;
                    chain.note(tx, Entry::new("team.remove", id.0)).await?;
                    change.settle(tx, &mut chain, org, None).await
                })
            })
            .await
    }
}

async fn edited(tx: &mut Tx, org: OrgId, team: Team, edit: TeamEdit) -> Result<Team> {
    let name = match edit.name {
        Some(name) => checked_name(&name)?,
        None => team.name,
    };
    let parent = edit.parent.unwrap_or(team.parent);
    if let Some(parent) = parent {
        exists(tx, org, parent).await?;
        if would_circle(team.id, parent, &tree(tx, org).await?) {
            return Err(Refusal::Invalid {
                field: "parent",
                rule: "circle",
            }
            .into());
        }
    }
    let leader = edit.leader.unwrap_or(team.leader);
    if let Some(leader) = edit.leader.flatten()
        && users::by_id(tx, org, leader).await?.role == Role::Salesperson
    {
        return Err(Refusal::Invalid {
            field: "leader",
            rule: "not_a_manager",
        }
        .into());
    }
    Ok(Team {
        id: team.id,
        name,
        parent,
        leader,
    })
}

pub(super) async fn exists(tx: &mut Tx, org: OrgId, id: TeamId) -> Result<Team> {
    let teams = list(tx, org).await?;
    let team = teams.into_iter().find(|team| team.id == id);
    Ok(team.ok_or(Refusal::NotFound("team"))?)
}

async fn list(tx: &mut Tx, org: OrgId) -> DbResult<Vec<Team>> {
    let rows = tx
        .query(include_str!("sql/list_teams.sql"), params! { org_id: org })
        .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Team {
                id: row.get("id")?,
                name: row.get("name")?,
                parent: row.get("parent_id")?,
                leader: row.get("leader_id")?,
            })
        })
        .collect()
}

pub(super) async fn tree(tx: &mut Tx, org: OrgId) -> DbResult<Vec<TeamOfTree>> {
    let teams = list(tx, org).await?;
    let of_tree = |team: Team| TeamOfTree {
        id: team.id,
        parent: team.parent,
        leader: team.leader,
    };
    Ok(teams.into_iter().map(of_tree).collect())
}
