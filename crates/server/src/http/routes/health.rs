//! Whether the server lives, whether it can serve, and its figures.

use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::{AppState, Fault, Wire};
use crate::db::schema_version;
use crate::error::Refusal;

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Health {
    #[schema(example = "ok")]
    status: &'static str,
    version: &'static str,
    /// Milliseconds since 1970, by the server's clock.
    now: i64,
}

/// The process answers.
#[utoipa::path(get, path = "/v1/health", tag = "server", responses((status = 200, body = Health)))]
pub(super) async fn health(State(state): State<AppState>) -> Wire<Health> {
    Wire(Health {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
        now: state.clock.now(),
    })
}

/// The database answers and the server is not stopping.
#[utoipa::path(get, path = "/v1/ready", tag = "server", responses((status = 200, body = Health)))]
pub(super) async fn ready(State(state): State<AppState>) -> Result<Wire<Health>, Fault> {
    const PATIENCE: Duration = Duration::from_secs(5);
    let busy = Refusal::Busy { retry_after: 5 };
    if state.is_closing() {
        return Err(busy.into());
    }
    match tokio::time::timeout(PATIENCE, schema_version(&state.db)).await {
        Ok(Ok(_)) => Ok(health(State(state)).await),
        Ok(Err(error)) => {
            tracing::warn!(error = %error, "not ready");
            Err(busy.into())
        }
        Err(_) => Err(busy.into()),
    }
}

/// Figures for Prometheus: for this machine, or whoever has the token.
#[utoipa::path(
    get, path = "/metrics", tag = "server",
    responses((status = 200, body = String, content_type = "text/plain"))
)]
pub(super) async fn metrics(
    State(state): State<AppState>,
    peer: Option<axum::Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Fault> {
    let allowed = match &state.config.metrics_token {
        Some(token) => headers
            .get(header::AUTHORIZATION)
            .and_then(|given| given.as_bytes().strip_prefix(b"Bearer "))
            // Hashes are compared in the same time wherever they differ.
            .is_some_and(|given| blake3::hash(given) == blake3::hash(token.expose().as_bytes())),
        // A proxy on this machine speaks for others.
        None => {
            peer.is_some_and(|peer| peer.0.0.ip().is_loopback())
                && !headers.contains_key("x-forwarded-for")
                && !headers.contains_key("forwarded")
        }
    };
    if !allowed {
        return Err(Refusal::Forbidden.into());
    }
    const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, TEXT)], state.metrics.text()))
}
