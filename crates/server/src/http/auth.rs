//! Who sends a request.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::header;
use axum::http::request::Parts;
use ketu_model::authorize::Role;

use super::observe::Sender;
use super::{AppState, Fault};
use crate::accounts::Who;
use crate::error::Refusal;

/// A request with a good access token; without one the handler is not reached.
#[derive(Debug, Clone, Copy)]
pub struct Authenticated(pub Who);

impl FromRequestParts<AppState> for Authenticated {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Fault> {
        let token = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .ok_or(Refusal::Unauthenticated)?;
        let who = state.accounts.authenticate(token).await?;
        if let Some(sender) = parts.extensions.get::<Sender>() {
            sender.is(who);
        }
        Ok(Self(who))
    }
}

/// As [`Authenticated`], and an admin.
#[derive(Debug, Clone, Copy)]
pub struct Admin(pub Who);

impl FromRequestParts<AppState> for Admin {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Fault> {
        let Authenticated(who) = Authenticated::from_request_parts(parts, state).await?;
        if who.role != Role::Admin {
            return Err(Refusal::Forbidden.into());
        }
        Ok(Self(who))
    }
}

/// The address that a request comes from, as far as it is known: behind a trusted proxy, what that proxy says.
#[derive(Debug, Clone, Copy)]
pub struct Address(pub Option<IpAddr>);

impl FromRequestParts<AppState> for Address {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Fault> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map(|ConnectInfo(address)| address.ip().to_canonical());
        let trusted = |address: &IpAddr| state.config.trusted_proxies.contains(address);
        if !peer.as_ref().is_some_and(trusted) {
            return Ok(Self(peer));
        }
        // From the right: each trusted proxy names the one before it, and what stands left of the first stranger was
        // written by that stranger.
        let named: Vec<IpAddr> = parts
            .headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(|address| address.trim().parse().ok())
            .collect();
        let stranger = named.into_iter().rev().find(|address| !trusted(address));
        Ok(Self(stranger.or(peer)))
    }
}

/// An id in the path.
#[derive(Debug, Clone, Copy)]
pub struct Id(pub uuid::Uuid);

impl FromRequestParts<AppState> for Id {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Fault> {
        let path = axum::extract::Path::<uuid::Uuid>::from_request_parts(parts, state).await;
        let id = path.map_err(|_| Refusal::Malformed("path"))?;
        Ok(Self(id.0))
    }
}
