//! How a laptop comes in and stays in.

use axum::extract::State;
use ketu_model::{DeviceId, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::auth::Address;
use super::super::wire::Octets;
use super::super::{AppState, Fault, Wire};
use crate::accounts::{Enrolment, Epoch, Proof, Secret, Tokens};
use crate::db::Result as DbResult;
use crate::error::Error;
use crate::ids::OrgId;

/// Log in and device in one. With `invitation`, `password` is the one chosen now.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct EnrolBody {
    /// The organisation, from the invitation.
    #[schema(value_type = Uuid)]
    org: OrgId,
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    login: String,
    #[schema(value_type = String, format = Password, max_length = 256)]
    password: Secret,
    #[schema(value_type = Option<String>, max_length = 100)]
    invitation: Option<Secret>,
    /// Ed25519 public key, 32 bytes; base64 in JSON.
    #[schema(value_type = String, min_length = 44, max_length = 44, pattern = "^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$")]
    public_key: Octets<32>,
    /// What administrators see.
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    device_name: String,
    /// The refresh token that this laptop has: it tells the laptop from a copy with the same key, which is refused (`taken`,
    /// field `public_key`) while the session lives, and comes again with a key of its own.
    #[schema(value_type = Option<String>, max_length = 200)]
    #[serde(default)]
    refresh: Option<Secret>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EnrolAnswer {
    #[schema(value_type = Uuid)]
    org: OrgId,
    #[schema(value_type = Uuid)]
    user: UserId,
    #[schema(value_type = Uuid)]
    device: DeviceId,
    tokens: TokensBody,
    /// The organisation's current epoch.
    epoch: Uuid,
    /// The organisation's Ed25519 public key, which signs orders to the laptop; base64 in JSON.
    #[schema(value_type = String)]
    org_key: Octets<32>,
}

/// Instants are milliseconds since 1970, by the server's clock, which is `now`.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TokensBody {
    #[schema(value_type = String)]
    access: Secret,
    /// Good once, and only from this device.
    #[schema(value_type = String)]
    refresh: Secret,
    access_until: i64,
    refresh_until: i64,
    now: i64,
    /// Days without the server after which the laptop shows nothing until it was heard again; 0 for never.
    lock_after_days: u32,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct RefreshBody {
    #[schema(value_type = String, max_length = 200)]
    refresh: Secret,
    /// The device's Ed25519 signature, 64 bytes, of the bytes `ketu/refresh/1`, a zero byte and the refresh token; base64
    /// in JSON.
    #[schema(value_type = String, min_length = 88, max_length = 88, pattern = "^[A-Za-z0-9+/]{85}[AQgw]==$")]
    signature: Octets<64>,
}

fn tokens(tokens: Tokens, state: &AppState) -> TokensBody {
    TokensBody {
        access: tokens.access,
        refresh: tokens.refresh,
        access_until: tokens.access_until,
        refresh_until: tokens.refresh_until,
        now: state.clock.now(),
        lock_after_days: state.config.lock_after_days,
    }
}

/// Enrol this device, or log in on it again.
#[utoipa::path(
    post, path = "/v1/enrol", tag = "device", request_body = EnrolBody,
    responses((status = 200, body = EnrolAnswer))
)]
pub(super) async fn enrol(
    State(state): State<AppState>,
    Address(from): Address,
    Wire(asked): Wire<EnrolBody>,
) -> Result<Wire<EnrolAnswer>, Fault> {
    let proof = match asked.invitation {
        Some(code) => Proof::Invitation {
            code,
            password: asked.password,
        },
        None => Proof::Password(asked.password),
    };
    let enrolment = Enrolment {
        org: asked.org,
        login: asked.login,
        proof,
        public_key: asked.public_key.0,
        device_name: asked.device_name,
        refresh: asked.refresh,
        from,
    };
    let enrolled = state.accounts.enrol(enrolment).await;
    state.metrics.enrolled(match &enrolled {
        Ok(_) => "ok",
        Err(Error::Refused(refusal)) => refusal.code(),
        Err(_) => "internal",
    });
    let enrolled = enrolled?;
    let org = enrolled.org;
    let epoch: DbResult<Epoch> = state
        .db
        .read(move |tx| Box::pin(Epoch::current(tx, org)))
        .await;
    Ok(Wire(EnrolAnswer {
        org,
        user: enrolled.user,
        device: enrolled.device,
        tokens: tokens(enrolled.tokens, &state),
        epoch: epoch?.id,
        org_key: Octets(enrolled.org_key),
    }))
}

/// The next pair of tokens.
#[utoipa::path(
    post, path = "/v1/token", tag = "device", request_body = RefreshBody,
    responses((status = 200, body = TokensBody))
)]
pub(super) async fn refresh(
    State(state): State<AppState>,
    Wire(asked): Wire<RefreshBody>,
) -> Result<Wire<TokensBody>, Fault> {
    let next = state
        .accounts
        .refresh(&asked.refresh, &asked.signature.0)
        .await?;
    Ok(Wire(tokens(next, &state)))
}
