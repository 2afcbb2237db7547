//! `ketu serve`, the bridge: the window's page in a browser over the real core, for end-to-end tests and for work on
//! the page. Debug builds only. Listens on loopback, wants the token it made up at start, and answers no page of
//! another origin: Host and Origin are checked before anything else.
#![allow(clippy::print_stdout, reason = "the address is this command's answer")]

mod page;

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::sse::{KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::stream::{self, Stream};
use ketu_app::{ApiError, App, Options};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::broadcast;

use crate::arguments::Arguments;
use crate::core::{refusal, text};
use crate::language::Language;
use crate::place;
use page::Page;

/// Events that a slow page may be behind before it misses some.
const BEHIND: usize = 1_024;

struct Bridge {
    app: App,
    events: broadcast::Sender<String>,
    token: String,
    port: u16,
    page: Page,
}

pub fn run(asked: &Arguments, port: u16, page: Option<&Path>) -> ExitCode {
    let served = tokio::runtime::Runtime::new()
        .map_err(|error| refusal("io", &[("kind", &error.kind().to_string())]))
        .and_then(|runtime| runtime.block_on(serve(asked, port, page)));
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => crate::refuse(&error, asked.json, Language::of_environment()),
    }
}

async fn serve(asked: &Arguments, port: u16, page: Option<&Path>) -> Result<(), ApiError> {
    let io = |error: std::io::Error| refusal("io", &[("kind", &error.kind().to_string())]);
    let page =
        Page::read(page.unwrap_or(Path::new(page::DIST))).ok_or_else(|| refusal("no_page", &[]))?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .map_err(io)?;
    let port = listener.local_addr().map_err(io)?.port();
    let data_dir = asked.data.clone().unwrap_or_else(place::default_data_dir);
    let data_dir = std::path::absolute(&data_dir).unwrap_or(data_dir);
    let program = std::env::current_exe().map_err(io)?;
    let app = App::start(Options::new(data_dir, program).with_background());
    let (events, _) = broadcast::channel(BEHIND);
    let heard = events.clone();
    app.subscribe(Box::new(move |event| {
        let event = serde_json::to_string(event).expect("events are plain data");
        // Nobody listens before the page is open.
        let _ = heard.send(event);
    }));
    let token = token()?;
    println!("http://127.0.0.1:{port}/#token={token}");
    let bridge = Arc::new(Bridge {
        app,
        events,
        token,
        port,
        page,
    });
    let router = Router::new()
        .route("/rpc", post(rpc))
        .route("/events", get(listen))
        .fallback(get(asset))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&bridge),
            same_origin,
        ))
        .with_state(bridge);
    axum::serve(listener, router).await.map_err(io)
}

/// 256 random bits.
fn token() -> Result<String, ApiError> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| refusal("io", &[("kind", &error.to_string())]))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A page of another site may make a browser ask, under a name of its own that leads to this machine.
async fn same_origin(State(bridge): State<Arc<Bridge>>, request: Request, next: Next) -> Response {
    if !bridge.is_addressed_by(request.headers()) {
        return refused(StatusCode::FORBIDDEN, &refusal("foreign_origin", &[]));
    }
    next.run(request).await
}

impl Bridge {
    fn is_addressed_by(&self, headers: &HeaderMap) -> bool {
        let own = |host: &str| {
            ["127.0.0.1", "localhost"]
                .iter()
                .any(|name| host == format!("{name}:{}", self.port))
        };
        let named = |name: header::HeaderName| {
            headers
                .get(name)
                .map(|value| value.to_str().unwrap_or_default())
        };
        let host = named(header::HOST).is_some_and(own);
        // Same-origin requests to read may come without an origin.
        let origin = named(header::ORIGIN)
            .is_none_or(|origin| origin.strip_prefix("http://").is_some_and(own));
        host && origin
    }

    /// Takes as long for a wrong token as for the right one.
    fn accepts(&self, token: &str) -> bool {
        let differences = self
            .token
            .bytes()
            .zip(token.bytes())
            .fold(0, |sum, (a, b)| sum | (a ^ b));
        self.token.len() == token.len() && differences == 0
    }
}

fn refused(status: StatusCode, error: &ApiError) -> Response {
    (
        status,
        Json(serde_json::to_value(error).expect("a refusal is plain data")),
    )
        .into_response()
}

async fn rpc(
    State(bridge): State<Arc<Bridge>>,
    headers: HeaderMap,
    Json(request): Json<Value>,
) -> Response {
    let given = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let given = given
        .and_then(|value| value.strip_prefix("Bearer "))
        .unwrap_or_default();
    if !bridge.accepts(given) {
        return refused(StatusCode::UNAUTHORIZED, &refusal("unauthorized", &[]));
    }
    let method = text(&request["method"]).to_owned();
    let params = request["params"].clone();
    let answered = tokio::task::spawn_blocking(move || bridge.app.dispatch(&method, params)).await;
    match answered {
        Ok(Ok(answer)) => Json(answer).into_response(),
        Ok(Err(error)) => refused(StatusCode::UNPROCESSABLE_ENTITY, &error),
        // A panic in one call is an error of this call alone.
        Err(_) => refused(StatusCode::INTERNAL_SERVER_ERROR, &refusal("internal", &[])),
    }
}

/// An event source cannot send headers, so that the token stands in its address.
async fn listen(State(bridge): State<Arc<Bridge>>, Query(query): Query<Value>) -> Response {
    if !bridge.accepts(text(&query["token"])) {
        return refused(StatusCode::UNAUTHORIZED, &refusal("unauthorized", &[]));
    }
    Sse::new(messages(bridge.events.subscribe()))
        .keep_alive(KeepAlive::default())
        .into_response()
}

type Message = Result<axum::response::sse::Event, Infallible>;

fn messages(events: broadcast::Receiver<String>) -> impl Stream<Item = Message> {
    stream::unfold(events, |mut events| async move {
        let event = match events.recv().await {
            Ok(event) => event,
            // What was missed may have changed anything: the page asks for the state of things again.
            Err(broadcast::error::RecvError::Lagged(_)) => json!({ "type": "status" }).to_string(),
            Err(broadcast::error::RecvError::Closed) => return None,
        };
        Some((
            Ok(axum::response::sse::Event::default().data(event)),
            events,
        ))
    })
}

async fn asset(State(bridge): State<Arc<Bridge>>, request: Request) -> Response {
    match bridge.page.file(request.uri().path()) {
        Some((kind, bytes)) => {
            let headers = [
                (header::CONTENT_TYPE, kind),
                (header::CACHE_CONTROL, "no-store"),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
                (header::REFERRER_POLICY, "no-referrer"),
            ];
            (headers, bytes.to_owned()).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
