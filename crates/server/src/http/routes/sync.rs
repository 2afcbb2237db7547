//! What laptops say to the centre (docs/sync-protocol.md §3). What the engine refuses is a reply like any other, with
//! status 200; other statuses say that the request did not reach it.

use std::time::Duration;

use axum::extract::{FromRequest as _, Query, Request as HttpRequest, State};
use ketu_model::UserId;
use ketu_model::authorize::Level;
use ketu_sync::message::{Digest, HistoryEntry, Lease, Pull, Push, Refetch, Reply, Request, Vouch};
use ketu_sync::record::Seq;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::super::{AppState, Authenticated, Fault, Wire};
use super::{Done, schemas};
use crate::engine::{Key, Match};
use crate::error::{Error, Refusal};

/// How long a laptop waits for news before it is told that there are none.
const PATIENCE: Duration = Duration::from_secs(25);

/// Changes come in bursts: after one was looked at, the next is, this much later.
const BETWEEN: Duration = Duration::from_millis(500);

/// Take changes from a laptop. Of one that was shut out they are kept in quarantine, and it is told to destroy what it holds.
#[utoipa::path(
    post, path = "/v1/push", tag = "sync", security(("token" = [])), request_body = schemas::Push,
    responses((status = 200, body = schemas::Reply))
)]
pub(super) async fn push(
    State(state): State<AppState>,
    sender: Result<Authenticated, Fault>,
    request: HttpRequest,
) -> Result<Wire<Reply>, Fault> {
    match sender {
        Ok(Authenticated(who)) => {
            let Wire(push) = Wire::<Push>::from_request(request, &state).await?;
            Ok(Wire(state.engine.push(who, push).await?))
        }
        Err(Fault(Error::Refused(Refusal::ShutOut(mut wipe)))) => {
            let Wire(push) = Wire::<Push>::from_request(request, &state).await?;
            wipe.kept = state.accounts.quarantine(&wipe, &push.ops).await?;
            Err(Refusal::ShutOut(wipe).into())
        }
        Err(fault) => Err(fault),
    }
}

/// The next page of what changed in the laptop's scopes.
#[utoipa::path(
    post, path = "/v1/pull", tag = "sync", security(("token" = [])), request_body = schemas::Pull,
    responses((status = 200, body = schemas::Reply))
)]
pub(super) async fn pull(
    State(state): State<AppState>,
    Authenticated(who): Authenticated,
    Wire(pull): Wire<Pull>,
) -> Result<Wire<Reply>, Fault> {
    Ok(Wire(state.engine.read(who, Request::Pull(pull)).await?))
}

/// The sums of a scope's buckets.
#[utoipa::path(
    post, path = "/v1/digest", tag = "sync", security(("token" = [])), request_body = schemas::Digest,
    responses((status = 200, body = schemas::Reply))
)]
pub(super) async fn digest(
    State(state): State<AppState>,
    Authenticated(who): Authenticated,
    Wire(digest): Wire<Digest>,
) -> Result<Wire<Reply>, Fault> {
    Ok(Wire(state.engine.read(who, Request::Digest(digest)).await?))
}

/// All rows of some of a scope's buckets.
#[utoipa::path(
    post, path = "/v1/refetch", tag = "sync", security(("token" = [])), request_body = schemas::Refetch,
    responses((status = 200, body = schemas::Reply))
)]
pub(super) async fn refetch(
    State(state): State<AppState>,
    Authenticated(who): Authenticated,
    Wire(refetch): Wire<Refetch>,
) -> Result<Wire<Reply>, Fault> {
    let request = Request::Refetch(refetch);
    Ok(Wire(state.engine.read(who, request).await?))
}

/// Take rows back that this server said in a life that ended, each with the proof that came with it.
#[utoipa::path(
    post, path = "/v1/vouch", tag = "sync", security(("token" = [])), request_body = schemas::Vouch,
    responses((status = 200, body = schemas::Reply))
)]
pub(super) async fn vouch(
    State(state): State<AppState>,
    Authenticated(who): Authenticated,
    Wire(vouch): Wire<Vouch>,
) -> Result<Wire<Reply>, Fault> {
    Ok(Wire(state.engine.vouch(who, vouch).await?))
}

/// Numbers of a series, to give while offline.
#[utoipa::path(
    post, path = "/v1/lease", tag = "sync", security(("token" = [])), request_body = schemas::Lease,
    responses((status = 200, body = schemas::Reply))
)]
pub(super) async fn lease(
    State(state): State<AppState>,
    Authenticated(who): Authenticated,
    Wire(lease): Wire<Lease>,
) -> Result<Wire<Reply>, Fault> {
    Ok(Wire(state.engine.lease(who, lease).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct HintQuery {
    /// The head that the laptop knows.
    head: Seq,
}

/// Whether a pull is worth while.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Hint {
    head: Seq,
    /// Something changed that this user gets, or may see from now on.
    news: bool,
    /// Days without the server after which the laptop shows nothing until it was heard again; 0 for never.
    lock_after_days: u32,
}

/// Wait up to 25 seconds for something to pull. Only a hint: what is right never depends on it.
#[utoipa::path(
    get, path = "/v1/hint", tag = "sync", security(("token" = [])), params(HintQuery),
    responses((status = 200, body = Hint))
)]
pub(super) async fn hint(
    State(state): State<AppState>,
    Authenticated(who): Authenticated,
    query: Result<Query<HintQuery>, axum::extract::rejection::QueryRejection>,
) -> Result<Wire<Hint>, Fault> {
    let Query(HintQuery { head: known }) = query.map_err(|_| Refusal::Malformed("query"))?;
    let mut closing = state.closing();
    let mut heads = state.engine.heads().watch(who.org);
    let until = tokio::time::Instant::now() + PATIENCE;
    let (mut head, mut news) = state.engine.news(who, known).await?;
    while !news && !state.is_closing() {
        let moved = async {
            tokio::time::sleep(BETWEEN).await;
            // Only this function's own sender could close.
            let _ = heads.wait_for(|(n, _)| *n > head).await;
        };
        tokio::select! {
            () = moved => {}
            () = tokio::time::sleep_until(until) => break,
            _ = closing.changed() => break,
        }
        (head, news) = state.engine.news(who, known.max(head)).await?;
    }
    let lock_after_days = state.config.lock_after_days;
    Ok(Wire(Hint {
        head,
        news,
        lock_after_days,
    }))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ShareBody {
    /// The customer.
    root: Uuid,
    /// The colleague.
    #[schema(value_type = Uuid)]
    user: UserId,
    /// `read` or `write`; absent or null, the share ends.
    #[schema(value_type = Option<String>, pattern = "^(read|write)$")]
    level: Option<Level>,
}

/// Share a customer, and all below it, with a colleague; for its owner, managers and admins.
#[utoipa::path(
    post, path = "/v1/shares", tag = "sync", security(("token" = [])), request_body = ShareBody,
    responses((status = 204, description = "Shared, or not any longer"))
)]
pub(super) async fn share(
    State(state): State<AppState>,
    Authenticated(who): Authenticated,
    Wire(asked): Wire<ShareBody>,
) -> Result<Done, Fault> {
    let ShareBody { root, user, level } = asked;
    state.engine.share(who, root, user, level).await?;
    Ok(Done)
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MatchesBody {
    #[schema(max_items = 1000)]
    keys: Vec<Key>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Matches {
    /// Keys that nobody has are left out.
    matches: Vec<Match>,
}

/// Who already has these codes, numbers and names: asked by a laptop before it brings records of its own.
#[utoipa::path(
    post, path = "/v1/matches", tag = "sync", security(("token" = [])), request_body = MatchesBody,
    responses((status = 200, body = Matches))
)]
pub(super) async fn matches(
    State(state): State<AppState>,
    Authenticated(who): Authenticated,
    Wire(asked): Wire<MatchesBody>,
) -> Result<Wire<Matches>, Fault> {
    let tell = state.config.tell_taken;
    let matches = state.engine.matches(who, asked.keys, tell).await?;
    Ok(Wire(Matches { matches }))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HistoryBody {
    record: Uuid,
    /// Only what stands below this place in the order; absent, all.
    below: Option<Seq>,
}

/// A part of a record's history, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct History {
    #[schema(value_type = Vec<Object>)]
    entries: Vec<HistoryEntry>,
    /// Whether there is more, below the last of them.
    more: bool,
}

/// What became of a record before the last changes that a pull tells of.
#[utoipa::path(
    post, path = "/v1/history", tag = "sync", security(("token" = [])), request_body = HistoryBody,
    responses((status = 200, body = History))
)]
pub(super) async fn history(
    State(state): State<AppState>,
    Authenticated(who): Authenticated,
    Wire(asked): Wire<HistoryBody>,
) -> Result<Wire<History>, Fault> {
    let below = asked.below.unwrap_or(Seq::MAX);
    let older = state.engine.history(who, asked.record, below).await?;
    Ok(Wire(History {
        entries: older.entries,
        more: older.more,
    }))
}
