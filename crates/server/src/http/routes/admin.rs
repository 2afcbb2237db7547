//! What an admin does with users, teams, devices and shares. Who is not one is refused by the extractor.

use axum::extract::State;
use axum::http::StatusCode;
use ketu_model::{DeviceId, UserId};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::auth::Id;
use super::super::{Admin, AppState, Fault, Wire};
use super::{Done, InvitationBody};
use crate::accounts::{
    Device, Grant, Invitation, NewTeam, NewUser, Team, TeamEdit, User, UserEdit,
};
use crate::ids::TeamId;

fn handed(invitation: Invitation, state: &AppState) -> InvitationBody {
    let addresses = state.config.addresses();
    InvitationBody::new(invitation, addresses, state.fingerprint.clone())
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Users {
    users: Vec<User>,
}

/// All users, by login.
#[utoipa::path(
    get, path = "/v1/admin/users", tag = "admin", security(("token" = [])),
    responses((status = 200, body = Users))
)]
pub(super) async fn list_users(
    State(state): State<AppState>,
    Admin(who): Admin,
) -> Result<Wire<Users>, Fault> {
    let users = state.accounts.list_users(who.org).await?;
    Ok(Wire(Users { users }))
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AddedUser {
    #[schema(value_type = Uuid)]
    id: UserId,
    invitation: InvitationBody,
}

/// Add a user, who comes in by the invitation.
#[utoipa::path(
    post, path = "/v1/admin/users", tag = "admin", security(("token" = [])), request_body = NewUser,
    responses((status = 201, body = AddedUser))
)]
pub(super) async fn add_user(
    State(state): State<AppState>,
    Admin(who): Admin,
    Wire(new): Wire<NewUser>,
) -> Result<(StatusCode, Wire<AddedUser>), Fault> {
    let (id, invitation) = state.accounts.add_user(who.org, who.by(), new).await?;
    let invitation = handed(invitation, &state);
    Ok((StatusCode::CREATED, Wire(AddedUser { id, invitation })))
}

/// Change a user's name, role or team, shut the user out or let the user in again.
#[utoipa::path(
    patch, path = "/v1/admin/users/{id}", tag = "admin", security(("token" = [])),
    params(("id" = Uuid, Path)), request_body = UserEdit,
    responses((status = 204, description = "Changed"))
)]
pub(super) async fn update_user(
    State(state): State<AppState>,
    Admin(who): Admin,
    Id(id): Id,
    Wire(edit): Wire<UserEdit>,
) -> Result<Done, Fault> {
    state
        .accounts
        .update_user(who.org, who.by(), UserId(id), edit)
        .await?;
    Ok(Done)
}

/// A new invitation; earlier ones end.
#[utoipa::path(
    post, path = "/v1/admin/users/{id}/invitation", tag = "admin", security(("token" = [])),
    params(("id" = Uuid, Path)), responses((status = 200, body = InvitationBody))
)]
pub(super) async fn invite(
    State(state): State<AppState>,
    Admin(who): Admin,
    Id(id): Id,
) -> Result<Wire<InvitationBody>, Fault> {
    let invitation = state.accounts.invite(who.org, who.by(), UserId(id)).await?;
    Ok(Wire(handed(invitation, &state)))
}

/// Take the password away; the user logs in again by the invitation.
#[utoipa::path(
    post, path = "/v1/admin/users/{id}/reset-password", tag = "admin", security(("token" = [])),
    params(("id" = Uuid, Path)), responses((status = 200, body = InvitationBody))
)]
pub(super) async fn reset_password(
    State(state): State<AppState>,
    Admin(who): Admin,
    Id(id): Id,
) -> Result<Wire<InvitationBody>, Fault> {
    let invitation = state
        .accounts
        .reset_password(who.org, who.by(), UserId(id))
        .await?;
    Ok(Wire(handed(invitation, &state)))
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Grants {
    grants: Vec<Grant>,
}

/// Why a user sees what.
#[utoipa::path(
    get, path = "/v1/admin/users/{id}/grants", tag = "admin", security(("token" = [])),
    params(("id" = Uuid, Path)), responses((status = 200, body = Grants))
)]
pub(super) async fn list_grants(
    State(state): State<AppState>,
    Admin(who): Admin,
    Id(id): Id,
) -> Result<Wire<Grants>, Fault> {
    let grants = state.accounts.list_grants(who.org, UserId(id)).await?;
    Ok(Wire(Grants { grants }))
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Teams {
    teams: Vec<Team>,
}

/// The team tree.
#[utoipa::path(
    get, path = "/v1/admin/teams", tag = "admin", security(("token" = [])),
    responses((status = 200, body = Teams))
)]
pub(super) async fn list_teams(
    State(state): State<AppState>,
    Admin(who): Admin,
) -> Result<Wire<Teams>, Fault> {
    let teams = state.accounts.list_teams(who.org).await?;
    Ok(Wire(Teams { teams }))
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AddedTeam {
    #[schema(value_type = Uuid)]
    id: TeamId,
}

/// Add a team.
#[utoipa::path(
    post, path = "/v1/admin/teams", tag = "admin", security(("token" = [])), request_body = NewTeam,
    responses((status = 201, body = AddedTeam))
)]
pub(super) async fn add_team(
    State(state): State<AppState>,
    Admin(who): Admin,
    Wire(new): Wire<NewTeam>,
) -> Result<(StatusCode, Wire<AddedTeam>), Fault> {
    let id = state.accounts.add_team(who.org, who.by(), new).await?;
    Ok((StatusCode::CREATED, Wire(AddedTeam { id })))
}

/// Change a team's name, place in the tree or leader.
#[utoipa::path(
    patch, path = "/v1/admin/teams/{id}", tag = "admin", security(("token" = [])),
    params(("id" = Uuid, Path)), request_body = TeamEdit,
    responses((status = 204, description = "Changed"))
)]
pub(super) async fn update_team(
    State(state): State<AppState>,
    Admin(who): Admin,
    Id(id): Id,
    Wire(edit): Wire<TeamEdit>,
) -> Result<Done, Fault> {
    state
        .accounts
        .update_team(who.org, who.by(), TeamId(id), edit)
        .await?;
    Ok(Done)
}

/// Remove a team; its members and the teams below it move up.
#[utoipa::path(
    delete, path = "/v1/admin/teams/{id}", tag = "admin", security(("token" = [])),
    params(("id" = Uuid, Path)), responses((status = 204, description = "Removed"))
)]
pub(super) async fn remove_team(
    State(state): State<AppState>,
    Admin(who): Admin,
    Id(id): Id,
) -> Result<Done, Fault> {
    state
        .accounts
        .remove_team(who.org, who.by(), TeamId(id))
        .await?;
    Ok(Done)
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Devices {
    devices: Vec<Device>,
}

/// All devices, those heard of last first.
#[utoipa::path(
    get, path = "/v1/admin/devices", tag = "admin", security(("token" = [])),
    responses((status = 200, body = Devices))
)]
pub(super) async fn list_devices(
    State(state): State<AppState>,
    Admin(who): Admin,
) -> Result<Wire<Devices>, Fault> {
    let devices = state.accounts.list_devices(who.org).await?;
    Ok(Wire(Devices { devices }))
}

/// Shut a device out for good.
#[utoipa::path(
    post, path = "/v1/admin/devices/{id}/revoke", tag = "admin", security(("token" = [])),
    params(("id" = Uuid, Path)), responses((status = 204, description = "Shut out"))
)]
pub(super) async fn revoke_device(
    State(state): State<AppState>,
    Admin(who): Admin,
    Id(id): Id,
) -> Result<Done, Fault> {
    state
        .accounts
        .revoke_device(who.org, who.by(), DeviceId(id))
        .await?;
    Ok(Done)
}
