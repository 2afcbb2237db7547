//! What surrounds every request: an id, a place among those at once, a time limit, a guard against panics, one line in
//! the log and the figures for Prometheus. Ids only; no body, no query, no address.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric};
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use super::wire::Wanted;
use super::{AppState, Fault};
use crate::accounts::Who;
use crate::db::Database;
use crate::error::{Error, Refusal};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Filled in by [`super::Authenticated`], for the line in the log.
#[derive(Debug, Clone, Default)]
pub(super) struct Sender(Arc<OnceLock<Who>>);

impl Sender {
    pub fn is(&self, who: Who) {
        let _ = self.0.set(who);
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
    method: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteOnly {
    route: String,
}

/// The figures of this server since its start.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<Route, Counter>,
    seconds: Family<RouteOnly, Histogram>,
    at_once: Gauge,
    enrolments: Family<Outcome, Counter>,
}

impl Metrics {
    pub(super) fn new(db: Database) -> Self {
        let mut registry = Registry::with_prefix("ketu");
        let requests = Family::default();
        let seconds = Family::new_with_constructor(|| -> Histogram {
            Histogram::new(exponential_buckets(0.001, 2.0, 15))
        } as fn() -> Histogram);
        let at_once = Gauge::default();
        let enrolments = Family::default();
        registry.register("http_requests", "Requests answered", requests.clone());
        registry.register("http_request_seconds", "Time to answer", seconds.clone());
        registry.register(
            "http_requests_at_once",
            "Requests under way",
            at_once.clone(),
        );
        registry.register("enrolments", "Log ins by outcome", enrolments.clone());
        registry.register_collector(Box::new(Retries(db)));
        Self {
            registry,
            requests,
            seconds,
            at_once,
            enrolments,
        }
    }

    /// Counts a log in; `outcome` is `ok` or a refusal's code.
    pub(super) fn enrolled(&self, outcome: &'static str) {
        self.enrolments.get_or_create(&Outcome { outcome }).inc();
    }

    /// Prometheus' text form.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing into a string does not fail.
        let _ = prometheus_client::encoding::text::encode(&mut text, &self.registry);
        text
    }
}

/// The database counts these itself.
#[derive(Debug)]
struct Retries(Database);

impl Collector for Retries {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let count: ConstCounter<u64> = ConstCounter::new(self.0.retried());
        let help = "Transactions run again because others were in their way";
        let metric = encoder.encode_descriptor("db_retries", help, None, count.metric_type())?;
        count.encode(metric)
    }
}

/// The layer around all routes.
pub(super) async fn around(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let begun = Instant::now();
    let id = uuid::Uuid::now_v7().to_string();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("unmatched", MatchedPath::as_str)
        .to_owned();
    // Only known methods, so that a caller cannot make up labels.
    let method = match request.method().as_str() {
        known @ ("GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS") => known,
        _ => "other",
    }
    .to_owned();
    let wanted = Wanted::of(request.headers());
    let sender = Sender::default();
    request.extensions_mut().insert(sender.clone());
    state.metrics.at_once.inc();
    let counted = Counted(&state.metrics.at_once);
    let response = guarded(&state, request, next).await;
    let mut response = wanted.write(response).await;
    drop(counted);
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    let status = response.status().as_u16();
    let took = begun.elapsed();
    let labels = Route {
        route: route.clone(),
        method: method.clone(),
        status,
    };
    state.metrics.requests.get_or_create(&labels).inc();
    state
        .metrics
        .seconds
        .get_or_create(&RouteOnly {
            route: route.clone(),
        })
        .observe(took.as_secs_f64());
    let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    match sender.0.get() {
        Some(who) => tracing::info!(
            request = id, route, method, status, milliseconds,
            org = %who.org, user = %who.user, device = %who.device, "answered"
        ),
        None => tracing::info!(
            request = id,
            route,
            method,
            status,
            milliseconds,
            "answered"
        ),
    }
    response
}

/// A request that is given up still counts down.
struct Counted<'g>(&'g Gauge);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.dec();
    }
}

async fn guarded(state: &AppState, request: Request<Body>, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>();
    let places = match path.map(MatchedPath::as_str) {
        Some("/v1/hint") => &state.waiting,
        _ => &state.places,
    };
    let Ok(_place) = places.try_acquire() else {
        return Fault::from(Refusal::Busy { retry_after: 1 }).into_response();
    };
    let limit = Duration::from_secs(state.config.request_seconds);
    let answer = AssertUnwindSafe(next.run(request)).catch_unwind();
    match tokio::time::timeout(limit, answer).await {
        Ok(Ok(response)) => response,
        // What it said may hold what people typed, so that only the hook's place of it is logged.
        Ok(Err(_)) => Fault::from(Error::Panicked).into_response(),
        Err(_) => Fault::from(Refusal::Timeout).into_response(),
    }
}
