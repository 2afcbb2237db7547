//! Users, teams and devices from the command line; people are named by their logins, teams by their names.

use clap::{Subcommand, ValueEnum};
use ketu_model::authorize::Role;
use ketu_model::{DeviceId, UserId};
use ketu_server::accounts::{
    By, NewTeam, NewUser, Team as TeamRow, TeamEdit, User as UserRow, UserEdit,
};
use ketu_server::error::{Error, Result};
use ketu_server::ids::{OrgId, TeamId};
use uuid::Uuid;

use super::{Console, day};

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum RoleName {
    Salesperson,
    Manager,
    Admin,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Salesperson => Self::Salesperson,
            RoleName::Manager => Self::Manager,
            RoleName::Admin => Self::Admin,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum User {
    /// Add a user and print the invitation
    Add {
        login: String,
        /// The name that colleagues see; the login if absent
        #[arg(long)]
        name: Option<String>,
        #[arg(long, value_enum, default_value = "salesperson")]
        role: RoleName,
        #[arg(long)]
        team: Option<String>,
    },
    /// List all users
    List,
    /// Shut a user out; the customers stay, and those above still see them
    Disable { login: String },
    /// Let a user in again
    Enable { login: String },
    /// Take the password away and print an invitation
    ResetPassword { login: String },
    /// Change the role
    Role {
        login: String,
        #[arg(value_enum)]
        role: RoleName,
    },
    /// Put a user into a team, or into none
    Team { login: String, team: Option<String> },
}

#[derive(Debug, Subcommand)]
pub(super) enum Team {
    /// Add a team
    Add {
        name: String,
        /// The team above
        #[arg(long)]
        parent: Option<String>,
        /// The login of a manager
        #[arg(long)]
        leader: Option<String>,
    },
    /// List all teams
    List,
    /// Say who leads a team; nobody, without a login
    Lead {
        name: String,
        leader: Option<String>,
    },
    /// Hang a team below another; to the top, without one
    Move {
        name: String,
        parent: Option<String>,
    },
    /// Remove a team; members and teams below move up
    Remove { name: String },
}

#[derive(Debug, Subcommand)]
pub(super) enum Device {
    /// List all devices
    List,
    /// Shut a device out for good
    Revoke { id: Uuid },
}

#[derive(Debug, Subcommand)]
pub(super) enum Quarantine {
    /// List the devices of which something is kept
    List,
    /// Print a device's changes, one JSON object a line
    Show { device: Uuid },
    /// Throw away what is kept of a device
    Remove { device: Uuid },
}

pub(super) async fn invite(console: &Console, login: &str) -> Result<()> {
    let org = console.org().await?.id;
    let user = user_named(console, org, login).await?;
    let invitation = console.accounts.invite(org, By::CONSOLE, user.id).await?;
    console.hand_over(&invitation)
}

pub(super) async fn user(console: &Console, what: User) -> Result<()> {
    let org = console.org().await?.id;
    let accounts = &console.accounts;
    let edit = async |login: &str, edit: UserEdit| {
        let user = user_named(console, org, login).await?;
        accounts.update_user(org, By::CONSOLE, user.id, edit).await
    };
    match what {
        User::List => {
            let teams = accounts.list_teams(org).await?;
            for user in accounts.list_users(org).await? {
                let team = teams.iter().find(|team| Some(team.id) == user.team);
                let state = match (user.disabled, user.has_password) {
                    (true, _) => "disabled",
                    (false, false) => "invited",
                    (false, true) => "active",
                };
                let team = team.map_or("-", |team| team.name.as_str());
                say!(
                    "{}\t{}\t{:?}\t{team}\t{state}",
                    user.login,
                    user.name,
                    user.role
                );
            }
            Ok(())
        }
        User::Add {
            login,
            name,
            role,
            team,
        } => {
            let team = optional_team(console, org, team).await?;
            let new = NewUser {
                name: name.unwrap_or_else(|| login.clone()),
                login,
                role: role.into(),
                team,
            };
            let (_, invitation) = accounts.add_user(org, By::CONSOLE, new).await?;
            console.hand_over(&invitation)
        }
        User::ResetPassword { login } => {
            let user = user_named(console, org, &login).await?;
            let invitation = accounts.reset_password(org, By::CONSOLE, user.id).await?;
            console.hand_over(&invitation)
        }
        User::Disable { login } => {
            edit(
                &login,
                UserEdit {
                    disabled: Some(true),
                    ..UserEdit::default()
                },
            )
            .await
        }
        User::Enable { login } => {
            edit(
                &login,
                UserEdit {
                    disabled: Some(false),
                    ..UserEdit::default()
                },
            )
            .await
        }
        User::Role { login, role } => {
            edit(
                &login,
                UserEdit {
                    role: Some(role.into()),
                    ..UserEdit::default()
                },
            )
            .await
        }
        User::Team { login, team } => {
            let team = optional_team(console, org, team).await?;
            edit(
                &login,
                UserEdit {
                    team: Some(team),
                    ..UserEdit::default()
                },
            )
            .await
        }
    }
}

pub(super) async fn team(console: &Console, what: Team) -> Result<()> {
    let org = console.org().await?.id;
    let accounts = &console.accounts;
    match what {
        Team::List => {
            let (teams, users) = (
                accounts.list_teams(org).await?,
                accounts.list_users(org).await?,
            );
            let name = |id: Option<TeamId>| {
                teams
                    .iter()
                    .find(|t| Some(t.id) == id)
                    .map_or("-", |t| &t.name)
            };
            let login = |id: Option<UserId>| {
                users
                    .iter()
                    .find(|u| Some(u.id) == id)
                    .map_or("-", |u| &u.login)
            };
            for team in &teams {
                say!(
                    "{}\t{}\t{}",
                    team.name,
                    name(team.parent),
                    login(team.leader)
                );
            }
            Ok(())
        }
        Team::Add {
            name,
            parent,
            leader,
        } => {
            let new = NewTeam {
                name,
                parent: optional_team(console, org, parent).await?,
                leader: optional_user(console, org, leader).await?,
            };
            accounts.add_team(org, By::CONSOLE, new).await.map(|_| ())
        }
        Team::Lead { name, leader } => {
            let team = team_named(console, org, &name).await?.id;
            let leader = Some(optional_user(console, org, leader).await?);
            let edit = TeamEdit {
                leader,
                ..TeamEdit::default()
            };
            accounts.update_team(org, By::CONSOLE, team, edit).await
        }
        Team::Move { name, parent } => {
            let team = team_named(console, org, &name).await?.id;
            let parent = Some(optional_team(console, org, parent).await?);
            let edit = TeamEdit {
                parent,
                ..TeamEdit::default()
            };
            accounts.update_team(org, By::CONSOLE, team, edit).await
        }
        Team::Remove { name } => {
            let team = team_named(console, org, &name).await?.id;
            accounts.remove_team(org, By::CONSOLE, team).await
        }
    }
}

pub(super) async fn device(console: &Console, what: Device) -> Result<()> {
    let org = console.org().await?.id;
    match what {
        Device::List => {
            let users = console.accounts.list_users(org).await?;
            for device in console.accounts.list_devices(org).await? {
                let user = users.iter().find(|user| user.id == device.user);
                let login = user.map_or("-", |user| user.login.as_str());
                let state = if device.revoked_at.is_some() {
                    "revoked"
                } else {
                    "active"
                };
                say!(
                    "{}\t{login}\t{}\t{}\t{state}",
                    device.id,
                    device.name,
                    day(device.seen_at)
                );
            }
            Ok(())
        }
        Device::Revoke { id } => {
            let revoked = console
                .accounts
                .revoke_device(org, By::CONSOLE, DeviceId(id));
            revoked.await
        }
    }
}

pub(super) async fn quarantine(console: &Console, what: Quarantine) -> Result<()> {
    let org = console.org().await?.id;
    let accounts = &console.accounts;
    match what {
        Quarantine::List => {
            let users = accounts.list_users(org).await?;
            for kept in accounts.list_quarantine(org).await? {
                let user = users.iter().find(|user| user.id == kept.user);
                let login = user.map_or("-", |user| user.login.as_str());
                let (device, ops, last) = (kept.device, kept.ops, day(kept.last_at));
                say!("{device}\t{login}\t{ops} changes\t{last}");
            }
        }
        Quarantine::Show { device } => {
            for op in accounts.quarantined(org, DeviceId(device)).await? {
                say!("{op}");
            }
        }
        Quarantine::Remove { device } => {
            let gone = accounts.remove_quarantined(org, By::CONSOLE, DeviceId(device));
            say!("{} changes", gone.await?);
        }
    }
    Ok(())
}

async fn optional_team(
    console: &Console,
    org: OrgId,
    name: Option<String>,
) -> Result<Option<TeamId>> {
    match name {
        Some(name) => Ok(Some(team_named(console, org, &name).await?.id)),
        None => Ok(None),
    }
}

async fn optional_user(
    console: &Console,
    org: OrgId,
    login: Option<String>,
) -> Result<Option<UserId>> {
    match login {
        Some(login) => Ok(Some(user_named(console, org, &login).await?.id)),
        None => Ok(None),
    }
}

async fn user_named(console: &Console, org: OrgId, login: &str) -> Result<UserRow> {
    let login = ketu_model::ids::normal_name(login);
    let users = console.accounts.list_users(org).await?;
    let user = users.into_iter().find(|user| user.login == login);
    user.ok_or_else(|| unknown("user"))
}

async fn team_named(console: &Console, org: OrgId, name: &str) -> Result<TeamRow> {
    let mut teams = console.accounts.list_teams(org).await?;
    teams.retain(|team| team.name == name);
    match (teams.pop(), teams.len()) {
        (Some(team), 0) => Ok(team),
        (Some(_), _) => Err(Error::Command("several teams have this name".to_owned())),
        (None, _) => Err(unknown("team")),
    }
}

fn unknown(what: &str) -> Error {
    Error::Command(format!("there is no {what} of this name"))
}
