//! One session with the server: tell, hear, compare (docs/sync-protocol.md §3). Between two requests nothing of the file
//! is held, so that people work, restore and close as if nobody else were there.

use std::collections::BTreeMap;
use std::time::Duration;

use ketu_model::catalog::SCHEMA_VERSION;
use ketu_store::{Store, StoreError};
use ketu_sync::client::{Event, Session, State, Step, Trouble};
use ketu_sync::message::{Lease, MAX_PAGE, Outcome, Refusal, Reply, Request, VERSION};
use uuid::Uuid;

use super::account::{Access, Account, Denied};
use super::link::{Link, LinkError};
use super::{care, local, status};
use crate::app::App;
use crate::error::AppError;

/// Rows in a page where the network is weak: what is cut costs little.
const WEAK_PAGE: usize = 200;
const PATIENCE: Duration = Duration::from_secs(60);
const WEAK_PATIENCE: Duration = Duration::from_secs(180);

/// Why a session ended before its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum Stopped {
    #[error(transparent)]
    Link(#[from] LinkError),
    #[error(transparent)]
    App(#[from] AppError),
    #[error("the server refused: {0:?}")]
    Engine(Trouble),
    /// The file was closed, restored or paused meanwhile, or the application ends.
    #[error("somebody ended it")]
    Ended,
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        Self::App(error.into())
    }
}

impl From<Denied> for Stopped {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Link(error) => Self::Link(error),
            Denied::App(error) => Self::App(error),
        }
    }
}

/// What a session moved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Moved {
    pub sent: u32,
    pub received: u32,
    pub purged: u32,
}

/// The way to the server, kept from one session to the next.
#[derive(Debug)]
pub(super) struct Line {
    pub account: Account,
    pub link: Link,
    access: Option<Access>,
}

impl Line {
    pub(super) fn new(account: Account) -> Result<Self, LinkError> {
        Ok(Self {
            link: account.link()?,
            account,
            access: None,
        })
    }

    pub(super) async fn token(&mut self, store: &Store) -> Result<String, Denied> {
        let known = self.access.take();
        let access = self.account.access(store, &self.link, known).await?;
        let token = access.token.clone();
        self.access = Some(access);
        Ok(token)
    }

    /// The server no longer takes the token that it gave.
    pub(super) fn drop_token(&mut self) {
        self.access = None;
    }

    /// Waits up to 25 seconds for something to pull; says whether there is.
    pub(super) async fn hint(&self, head: i64) -> Result<bool, LinkError> {
        #[derive(serde::Deserialize)]
        struct Hint {
            news: bool,
        }
        let token = self.access.as_ref().map(|access| access.token.as_str());
        let path = format!("/v1/hint?head={head}");
        let hint: Hint = self.link.get(&path, token, Duration::from_secs(40)).await?;
        Ok(hint.news)
    }
}

/// Tells, hears and compares, until both have the same.
pub(super) async fn run(app: &App, line: &mut Line) -> Result<Moved, Stopped> {
    let desk = app.desk();
    let weak = desk.is_weak();
    let (page, patience) = if weak {
        (WEAK_PAGE, WEAK_PATIENCE)
    } else {
        (MAX_PAGE, PATIENCE)
    };
    let mut session = Session::new(page, SCHEMA_VERSION);
    let mut moved = Moved::default();
    let mut total = None;
    care::make_ready(app, &line.account)?;
    loop {
        if app.is_stopping() || desk.is_paused() {
            return Err(Stopped::Ended);
        }
        let (asked, request) = {
            let store = app.session()?.store;
            let state = store.read(local::state)?.ok_or(Stopped::Ended)?;
            let request = match session.next(&state) {
                Step::Push => {
                    // A full outbox is counted once; what is made meanwhile comes on top.
                    if total.is_none() {
                        total = Some(status::counts(app)?.pending);
                    }
                    match local::next_push(&store, &session)? {
                        Some(push) => Request::Push(push),
                        None => {
                            session.nothing_to_push();
                            continue;
                        }
                    }
                }
                Step::Send(request) => request,
                Step::Done => return Ok(moved),
                Step::Stop(trouble) => return Err(Stopped::Engine(trouble)),
            };
            // What a push is made of got its places just now.
            let state = store.read(local::state)?.ok_or(Stopped::Ended)?;
            (state, request)
        };
        let sending = match &request {
            Request::Push(push) => u32::try_from(push.ops.len()).unwrap_or(u32::MAX),
            _ => 0,
        };
        match &request {
            Request::Push(_) => desk.progress(
                app,
                "sending",
                moved.sent,
                total.map(|n| n.max(moved.sent + sending)),
            ),
            Request::Pull(_) => desk.progress(app, "receiving", moved.received, None),
            _ => desk.progress(app, "comparing", 0, None),
        }
        let reply = ask(app, line, &request, patience).await?;
        let taken = take(app, &asked, request, &reply)?;
        note(app, &asked, &reply, &taken)?;
        match &reply {
            Reply::Pushed(_) => moved.sent += sending,
            Reply::Pulled(pulled) => {
                let rows = u32::try_from(pulled.rows.len()).unwrap_or(u32::MAX);
                moved.received = moved.received.saturating_add(rows);
            }
            _ => {}
        }
        moved.purged += u32::try_from(taken.purged.len()).unwrap_or(u32::MAX);
        desk.heard_clock(taken.state.clock_offset);
        local::heard(&app.session()?.store, &mut session, &taken.state, &reply)?;
    }
}

/// Notes for people what an answer meant, where it was no ordinary one.
fn note(app: &App, asked: &State, reply: &Reply, taken: &local::Taken) -> Result<(), Stopped> {
    let mut notes: Vec<(&str, Vec<(&str, String)>)> = Vec::new();
    match reply {
        Reply::Pushed(pushed) => {
            let mut handed: BTreeMap<Option<Uuid>, usize> = BTreeMap::new();
            for answer in &pushed.answers {
                if let Outcome::HandedOver { to, .. } = &answer.outcome {
                    *handed.entry(*to).or_default() += 1;
                }
            }
            for (to, count) in handed {
                let mut params = vec![("count", count.to_string())];
                params.extend(to.map(|to| ("to", to.to_string())));
                notes.push(("handed_over", params));
            }
        }
        Reply::Refetched(refetched) => {
            notes.push((
                "repaired",
                vec![("count", refetched.rows.len().to_string())],
            ));
        }
        _ if asked.epoch != taken.state.epoch && !asked.epoch.is_nil() => {
            notes.push(("new_epoch", Vec::new()));
        }
        _ if asked.incarnation != taken.state.incarnation => notes.push(("copied", Vec::new())),
        _ => {}
    }
    if notes.is_empty() {
        return Ok(());
    }
    let (store, now) = (app.session()?.store, app.clock().now());
    for (code, params) in notes {
        app.desk().note(&store, now, code, &params)?;
    }
    Ok(())
}

/// Keeps numbers of a series that the server lends, unless the file is another than the one that asked.
pub(super) async fn lease(
    app: &App,
    line: &mut Line,
    series: String,
    count: i64,
) -> Result<(), Stopped> {
    let of = |state: Option<State>| state.ok_or(Stopped::Ended);
    let asked = of(app.session()?.store.read(local::state)?)?;
    let request = Request::Lease(Lease {
        v: VERSION,
        epoch: asked.epoch,
        series: series.clone(),
        count,
    });
    let reply = ask(app, line, &request, PATIENCE).await?;
    // A refusal concerns everything, and the next session meets it again.
    let Reply::Leased(leased) = reply else {
        return Ok(());
    };
    let store = app.session()?.store;
    let state = of(store.read(local::state)?)?;
    if state.incarnation != asked.incarnation || store.was_copied()? {
        return Err(Stopped::Ended);
    }
    Ok(store.grant_lease(&series, leased.first, leased.count)?)
}

/// A request, once more with another token where the server wants one.
async fn ask(
    app: &App,
    line: &mut Line,
    request: &Request,
    patience: Duration,
) -> Result<Reply, Stopped> {
    for attempt in 0..2 {
        let token = line.token(&app.session()?.store).await?;
        app.desk().set_reach(line.account.reach());
        let answer = send(&line.link, &token, request, patience).await;
        match answer {
            Err(LinkError::Fault {
                status: 401, code, ..
            }) if attempt == 0 && (code == "token_expired" || code == "unauthenticated") => {
                line.drop_token();
            }
            answer => return Ok(answer?),
        }
    }
    Err(Stopped::Ended)
}

async fn send(
    link: &Link,
    token: &str,
    request: &Request,
    patience: Duration,
) -> Result<Reply, LinkError> {
    let token = Some(token);
    match request {
        Request::Push(body) => link.post("/v1/push", token, body, patience).await,
        Request::Pull(body) => link.post("/v1/pull", token, body, patience).await,
        Request::Digest(body) => link.post("/v1/digest", token, body, patience).await,
        Request::Refetch(body) => link.post("/v1/refetch", token, body, patience).await,
        Request::Lease(body) => link.post("/v1/lease", token, body, patience).await,
    }
}

/// Takes a reply in, unless the file is another than the one that asked.
fn take(
    app: &App,
    asked: &State,
    request: Request,
    reply: &Reply,
) -> Result<local::Taken, Stopped> {
    let store = app.session()?.store;
    let now = store.read(local::state)?;
    if now.as_ref() != Some(asked) || store.was_copied()? {
        return Err(Stopped::Ended);
    }
    let event = Event::Heard(Box::new(request), Box::new(reply.clone()));
    let committed = local::take(&store, &event, Uuid::now_v7())?;
    app.announce(&committed.changes);
    Ok(committed.value)
}

impl From<Stopped> for AppError {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Link(error) => Self::Link(error),
            Stopped::App(error) => error,
            Stopped::Ended => Self::refused("cancelled"),
            Stopped::Engine(trouble) => {
                let (code, ..) = refusal(&trouble);
                Self::refused(code)
            }
        }
    }
}

impl Stopped {
    /// The code for people, whether only a person lets it go on, and seconds until the next try where the server named them.
    pub(super) fn trouble(&self) -> Option<(String, bool, Option<u64>)> {
        let seconds = |params: &serde_json::Map<String, serde_json::Value>| {
            params
                .get("retry_after")
                .and_then(serde_json::Value::as_u64)
        };
        let told = match self {
            Self::Ended => return None,
            Self::Link(LinkError::Fault { code, params, .. }) => {
                let stops = matches!(code.as_str(), "login_required" | "revoked" | "wrong_login");
                (code.clone(), stops, seconds(params))
            }
            Self::Link(error) => (error.code().to_owned(), false, None),
            Self::App(error) => (crate::error::ApiError::from(error).code, false, None),
            Self::Engine(trouble) => {
                let (code, stops, after) = refusal(trouble);
                (code.trim_start_matches("sync_").to_owned(), stops, after)
            }
        };
        Some(told)
    }
}

/// As [`Stopped::trouble`], with the code as errors have it.
fn refusal(trouble: &Trouble) -> (&'static str, bool, Option<u64>) {
    let refusal = match trouble {
        Trouble::Diverged { .. } => return ("sync_diverged", true, None),
        Trouble::Refused(refusal) => refusal,
    };
    match refusal {
        Refusal::Revoked => ("sync_revoked", true, None),
        Refusal::TooOld => ("sync_too_old", true, None),
        Refusal::Busy { retry_after } => {
            let after = u64::try_from(*retry_after).unwrap_or(0).div_ceil(1_000);
            ("sync_busy", false, Some(after))
        }
        Refusal::Clone | Refusal::Epoch { .. } | Refusal::Gap { .. } => ("sync_stuck", false, None),
        Refusal::TooLarge | Refusal::Malformed | Refusal::Forbidden => {
            ("sync_refused", false, None)
        }
    }
}
