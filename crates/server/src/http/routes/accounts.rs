//! What a user sees and changes of the own account.

use axum::extract::State;
use ketu_model::authorize::{Level, Role, Scope};
use ketu_model::{DeviceId, UserId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::wire::Octets;
use super::super::{AppState, Authenticated, Fault, Wire};
use super::Done;
use crate::accounts::{Epoch, Secret, actor_of, public_key};
use crate::db::DbError;
use crate::ids::OrgId;

/// Who the token's bearer is, and what may be seen.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Me {
    #[schema(value_type = Uuid)]
    org: OrgId,
    #[schema(value_type = Uuid)]
    user: UserId,
    #[schema(value_type = Uuid)]
    device: DeviceId,
    #[schema(value_type = String, example = "manager")]
    role: Role,
    /// Each scope and how far it goes: read, write or own.
    #[schema(value_type = BTreeMap<String, String>)]
    scopes: BTreeMap<Scope, Level>,
    epoch: Uuid,
    /// The feed's number that the restored backup had, when this epoch began with a restore; else 0.
    floor: i64,
    /// Milliseconds since 1970, by the server's clock.
    now: i64,
    /// The organisation's Ed25519 public key, which signs orders to the laptop; base64 in JSON.
    #[schema(value_type = Option<String>)]
    org_key: Option<Octets<32>>,
    /// Days without the server after which the laptop shows nothing until it was heard again; 0 for never.
    lock_after_days: u32,
}

/// The own account.
#[utoipa::path(
    get, path = "/v1/me", tag = "account", security(("token" = [])),
    responses((status = 200, body = Me))
)]
pub(super) async fn me(
    State(state): State<AppState>,
    Authenticated(who): Authenticated,
) -> Result<Wire<Me>, Fault> {
    let (epoch, actor, org_key) = state
        .db
        .read(move |tx| {
            Box::pin(async move {
                let epoch = Epoch::current(tx, who.org).await?;
                let actor = actor_of(tx, who.org, who.user, who.role).await?;
                let org_key = public_key(tx, who.org).await?;
                Ok::<_, DbError>((epoch, actor, org_key))
            })
        })
        .await?;
    Ok(Wire(Me {
        org: who.org,
        user: who.user,
        device: who.device,
        role: who.role,
        scopes: actor.scopes,
        epoch: epoch.id,
        floor: epoch.floor,
        now: state.clock.now(),
        org_key: org_key.map(Octets),
        lock_after_days: state.config.lock_after_days,
    }))
}

#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct PasswordBody {
    #[schema(value_type = String, format = Password, max_length = 256)]
    current: Secret,
    #[schema(value_type = String, format = Password, min_length = 10, max_length = 256)]
    new: Secret,
}

/// Change the own password; the user's other devices log in again.
#[utoipa::path(
    post, path = "/v1/password", tag = "account", security(("token" = [])), request_body = PasswordBody,
    responses((status = 204, description = "Changed"))
)]
pub(super) async fn change_password(
    State(state): State<AppState>,
    Authenticated(who): Authenticated,
    Wire(asked): Wire<PasswordBody>,
) -> Result<Done, Fault> {
    state
        .accounts
        .change_password(who.org, who.by(), who.user, asked.current, asked.new)
        .await?;
    Ok(Done)
}
