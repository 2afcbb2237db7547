//! One session with the server: tell, hear, compare (docs/sync-protocol.md §3). Between two requests nothing of the file
//! is held, so that people work, restore and close as if nobody else were there.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ketu_model::catalog::SCHEMA_VERSION;
use ketu_store::{Store, StoreError};
use ketu_sync::client::{Event, Session, State, Step, Trouble};
use ketu_sync::message::{Lease, MAX_OPS, Outcome, Push, Refusal, Reply, Request, VERSION};
use tokio::sync::Mutex;
use uuid::Uuid;

use super::account::{Access, Account, Denied};
use super::link::{Body, Link, LinkError};
use super::{care, local, status};
use crate::app::App;
use crate::error::AppError;

/// Rows in a page: few enough that one is taken in while the next is on its way.
const PAGE: usize = 2_000;
/// Rows in a page where the network is weak: what is cut costs little.
const WEAK_PAGE: usize = 200;
/// A push of more ops than this gives time to make the next one meanwhile.
const FEW: usize = 50;
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

/// The way to the server: one connection and one token for all who ask, from one session to the next. Who asked for a token of
/// its own would make those of the others old, and the server would take that for a theft.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub account: Account,
    pub link: Arc<Link>,
    access: Arc<Mutex<Option<Access>>>,
}

impl Line {
    /// With the account as the file has it now.
    pub(super) fn of(app: &App, account: Account) -> Result<Self, LinkError> {
        let desk = app.desk();
        if let Some(kept) = desk
            .line()
            .filter(|kept| kept.account.is_reached_as(&account))
        {
            return Ok(Self { account, ..kept });
        }
        let line = Self {
            link: Arc::new(account.link()?),
            account,
            access: Arc::default(),
        };
        desk.keep_line(line.clone());
        Ok(line)
    }

    pub(super) async fn token(&mut self, store: &Store) -> Result<String, Denied> {
        let mut kept = self.access.lock().await;
        if let Some(access) = kept.as_ref().filter(|access| access.is_good()) {
            return Ok(access.token.clone());
        }
        // Whoever came in meanwhile, with a password or by another token, made what this one knows old.
        let there = Account::load(store)?;
        if let Some(there) = there.filter(|there| there.device == self.account.device) {
            self.account = there;
        }
        let access = self.account.access(store, &self.link).await?;
        let token = access.token.clone();
        *kept = Some(access);
        Ok(token)
    }

    /// The server no longer takes this token that it gave.
    pub(super) async fn drop_token(&self, token: &str) {
        let mut kept = self.access.lock().await;
        if kept.as_ref().is_some_and(|access| access.token == token) {
            *kept = None;
        }
    }

    /// Waits up to 25 seconds for something to pull; says whether there is.
    pub(super) async fn hint(&self, head: i64) -> Result<bool, LinkError> {
        #[derive(serde::Deserialize)]
        struct Hint {
            news: bool,
        }
        let token = self
            .access
            .lock()
            .await
            .as_ref()
            .map(|access| access.token.clone());
        let path = format!("/v1/hint?head={head}");
        let patience = Duration::from_secs(40);
        let hint: Hint = self.link.get(&path, token.as_deref(), patience).await?;
        Ok(hint.news)
    }
}

/// Tells, hears and compares, until both have the same. While the server works, what it said last is taken in and the next
/// push made ready: both sides are busy at once.
pub(super) async fn run(app: &App, line: &mut Line) -> Result<Moved, Stopped> {
    let desk = app.desk();
    let weak = desk.is_weak();
    let (page, patience) = if weak {
        (WEAK_PAGE, WEAK_PATIENCE)
    } else {
        (PAGE, PATIENCE)
    };
    let mut session = Session::new(page, SCHEMA_VERSION);
    let mut moved = Moved::default();
    care::make_ready(app, &line.account)?;
    // A full outbox is counted once; what is made meanwhile comes on top.
    let total = status::counts(app)?.pending;
    let mut ahead: Option<Ahead> = None;
    loop {
        if app.is_stopping() || desk.is_paused() {
            return Err(Stopped::Ended);
        }
        let (request, body, heard) = match ahead.take() {
            Some(ahead) => (ahead.request, ahead.body, Some(ahead.heard)),
            None => match next(app, &mut session)? {
                Some(request) => (request, None, None),
                None => return Ok(moved),
            },
        };
        let sending = tell_progress(app, &request, &moved, total);
        if let Request::Push(push) = &request {
            session.sent(push);
        }
        let meanwhile = meanwhile(app, &request, heard, &session);
        let (reply, (taken, prepared)) =
            tokio::join!(ask(app, line, &request, body, patience), meanwhile);
        if let Some(taken) = taken? {
            moved.purged += took(app, &taken);
        }
        let (reply, prepared) = (reply?, prepared?);
        match &reply {
            Reply::Pushed(_) => moved.sent += sending,
            Reply::Pulled(pulled) => {
                moved.received = moved.received.saturating_add(count(pulled.rows.len()));
            }
            _ => {}
        }
        let following = match prepared {
            Some((push, body)) if Session::goes_on(&reply) => {
                Some((Request::Push(push), Some(body)))
            }
            _ => session
                .following(&request, &reply)
                .map(|request| (request, None)),
        };
        let heard = Heard { request, reply };
        if let Some((request, body)) = following {
            ahead = Some(Ahead {
                request,
                body,
                heard,
            });
            continue;
        }
        let (taken, reply) = take(app, heard)?;
        moved.purged += took(app, &taken);
        local::heard(&app.session()?.store, &mut session, &taken.state, &reply)?;
    }
}

/// Says what taking a reply in told; answers how many records left this laptop with it.
fn took(app: &App, taken: &local::Taken) -> u32 {
    app.desk().heard_clock(taken.state.clock_offset);
    count(taken.purged.len())
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// A request with its reply, which is not taken in yet.
#[derive(Debug)]
struct Heard {
    request: Request,
    reply: Reply,
}

/// What is sent before the last reply is taken in.
#[derive(Debug)]
struct Ahead {
    request: Request,
    /// Made ready already.
    body: Option<Body>,
    heard: Heard,
}

/// What the session has to say next; nothing at its end.
fn next(app: &App, session: &mut Session) -> Result<Option<Request>, Stopped> {
    loop {
        let store = app.session()?.store;
        let state = store.read(local::state)?.ok_or(Stopped::Ended)?;
        match session.next(&state) {
            Step::Vouch(_) => match local::next_vouch(&store, MAX_OPS)? {
                Some(vouch) => return Ok(Some(Request::Vouch(vouch))),
                None => session.nothing_to_vouch(),
            },
            Step::Push => match local::next_push(&store, session)? {
                Some(push) => return Ok(Some(Request::Push(push))),
                None => session.nothing_to_push(),
            },
            Step::Send(request) => return Ok(Some(request)),
            Step::Done => return Ok(None),
            Step::Stop(trouble) => {
                if let Trouble::Diverged { scope, buckets } = &trouble {
                    care::keep_evidence(app, *scope, buckets)?;
                }
                return Err(Stopped::Engine(trouble));
            }
        }
    }
}

/// Takes in what was heard last, and, while a push is under way, makes the one after it.
async fn meanwhile(
    app: &App,
    request: &Request,
    heard: Option<Heard>,
    session: &Session,
) -> (
    Result<Option<local::Taken>, Stopped>,
    Result<Option<(Push, Body)>, Stopped>,
) {
    let full = matches!(request, Request::Push(push) if push.ops.len() > FEW);
    if heard.is_none() && !full {
        return (Ok(None), Ok(None));
    }
    let (app, session) = (app.clone(), session.clone());
    let work = move || {
        let taken = heard.map(|heard| take(&app, heard)).transpose();
        let prepared = match full && taken.is_ok() {
            true => prepare(&app, &session),
            false => Ok(None),
        };
        (taken.map(|taken| taken.map(|(taken, _)| taken)), prepared)
    };
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| (Err(Stopped::Ended), Ok(None)))
}

fn prepare(app: &App, session: &Session) -> Result<Option<(Push, Body)>, Stopped> {
    let Some(push) = local::next_push(&app.session()?.store, session)? else {
        return Ok(None);
    };
    let body = Body::of(&push)?;
    Ok(Some((push, body)))
}

/// Says what goes on; answers how many ops are sent.
fn tell_progress(app: &App, request: &Request, moved: &Moved, total: u32) -> u32 {
    let desk = app.desk();
    match request {
        Request::Push(push) => {
            let sending = count(push.ops.len());
            let total = total.max(moved.sent + sending);
            desk.progress(app, "sending", moved.sent, Some(total));
            return sending;
        }
        Request::Pull(_) => desk.progress(app, "receiving", moved.received, None),
        _ => desk.progress(app, "comparing", 0, None),
    }
    0
}

/// Notes for people what an answer meant, where it was no ordinary one.
fn note(app: &App, asked: &State, reply: &Reply, taken: &local::Taken) -> Result<(), Stopped> {
    let mut notes: Vec<(&str, Vec<(&str, String)>)> = Vec::new();
    match reply {
        Reply::Pushed(pushed) => {
            let mut handed: BTreeMap<Option<Uuid>, usize> = BTreeMap::new();
            let (mut merged, mut lost, mut rejected) = (0_usize, 0_usize, 0_usize);
            for answer in &pushed.answers {
                match &answer.outcome {
                    Outcome::HandedOver { to, .. } => *handed.entry(*to).or_default() += 1,
                    Outcome::Merged { lost: fields } => {
                        merged += 1;
                        lost += fields.len();
                    }
                    Outcome::Rejected { .. } => rejected += 1,
                    Outcome::Applied | Outcome::Deferred { .. } => {}
                }
            }
            for (code, count) in [("merged", merged), ("lost", lost), ("rejected", rejected)] {
                if count > 0 {
                    notes.push((code, vec![("count", count.to_string())]));
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
    let reply = ask(app, line, &request, None, PATIENCE).await?;
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

/// Refusals of a token, which another one may not meet: whoever logged in meanwhile has a new one.
const NEEDS_ANOTHER: [&str; 3] = ["token_expired", "unauthenticated", "login_required"];

/// A request, once more with another token where the server wants one.
async fn ask(
    app: &App,
    line: &mut Line,
    request: &Request,
    body: Option<Body>,
    patience: Duration,
) -> Result<Reply, Stopped> {
    let body = match body {
        Some(body) => body,
        None => body_of(request)?,
    };
    for attempt in 0..2 {
        let token = line.token(&app.session()?.store).await?;
        app.desk().set_reach(line.account.reach());
        let answer = line
            .link
            .post_body(path_of(request), Some(&token), &body, patience)
            .await;
        match answer {
            Err(LinkError::Fault {
                status: 401, code, ..
            }) if attempt == 0 && NEEDS_ANOTHER.contains(&code.as_str()) => {
                line.drop_token(&token).await;
            }
            answer => return Ok(answer?),
        }
    }
    Err(Stopped::Ended)
}

fn path_of(request: &Request) -> &'static str {
    match request {
        Request::Push(_) => "/v1/push",
        Request::Pull(_) => "/v1/pull",
        Request::Digest(_) => "/v1/digest",
        Request::Refetch(_) => "/v1/refetch",
        Request::Lease(_) => "/v1/lease",
        Request::Vouch(_) => "/v1/vouch",
    }
}

fn body_of(request: &Request) -> Result<Body, LinkError> {
    match request {
        Request::Push(message) => Body::of(message),
        Request::Pull(message) => Body::of(message),
        Request::Digest(message) => Body::of(message),
        Request::Refetch(message) => Body::of(message),
        Request::Lease(message) => Body::of(message),
        Request::Vouch(message) => Body::of(message),
    }
}

/// Takes a reply in, unless the file is another than the one that asked.
fn take(app: &App, heard: Heard) -> Result<(local::Taken, Reply), Stopped> {
    let store = app.session()?.store;
    let state = store.read(local::state)?.ok_or(Stopped::Ended)?;
    if !is_asked_by(&heard.request, &state) || store.was_copied()? {
        return Err(Stopped::Ended);
    }
    let Heard { request, reply } = heard;
    let event = Event::Heard(Box::new(request), Box::new(reply));
    let committed = local::take(&store, &event, Uuid::now_v7())?;
    app.announce(&committed.changes);
    let Event::Heard(_, reply) = event else {
        unreachable!("it was just made")
    };
    note(app, &state, &reply, &committed.value)?;
    Ok((committed.value, *reply))
}

/// Whether a file that stands there asked this: after a restore it would take in the end of what it knows no beginning of.
fn is_asked_by(request: &Request, state: &State) -> bool {
    // The first answer of all names the epoch.
    let same = |epoch: Uuid| epoch == state.epoch || epoch.is_nil();
    match request {
        Request::Push(push) => push.incarnation == state.incarnation && same(push.epoch),
        Request::Pull(pull) => {
            let scopes = state.scopes.iter();
            let read = scopes.filter_map(|(scope, held)| Some((scope, held.cursor.as_ref()?)));
            pull.incarnation == state.incarnation && same(pull.epoch) && pull.scopes.iter().eq(read)
        }
        Request::Digest(digest) => same(digest.epoch),
        Request::Refetch(refetch) => same(refetch.epoch),
        Request::Lease(lease) => same(lease.epoch),
        Request::Vouch(vouch) => vouch.incarnation == state.incarnation && same(vouch.epoch),
    }
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
