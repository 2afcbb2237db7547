//! What synchronises beside the window: a session when work was done or the server has news, patience where there is no
//! network, and nothing that a person has to start.

use std::net::{IpAddr, UdpSocket};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::time::{Instant, sleep, sleep_until};

use super::account::Account;
use super::round::{self, Line, Moved, Stopped};
use super::{after, care, local, wipe};
use crate::api::sync::SyncTrouble;
use crate::app::App;
use crate::error::{AppError, Result};

/// Edits that follow each other go together.
const GATHER: Duration = Duration::from_millis(300);
/// In a weak network edits wait longer for each other.
const GATHER_WEAK: Duration = Duration::from_secs(20);
/// A session without cause, where hints do not come.
const EVERY: Duration = Duration::from_secs(60);
const EVERY_WEAK: Duration = Duration::from_secs(300);
/// Seconds between tries after failures, the last one for ever.
const BACK_OFF: [u64; 7] = [2, 5, 10, 20, 45, 120, 300];
/// How often another network is looked for while there is none.
const LOOK: Duration = Duration::from_secs(3);
/// Work that waits longer than this in spite of good sessions is stuck.
const STUCK: i64 = 60_000;

/// Starts the thread; it ends when the application stops.
pub(crate) fn start(app: &App) -> Option<JoinHandle<()>> {
    let app = app.clone();
    std::thread::Builder::new()
        .name("ketu-sync".to_owned())
        .spawn(move || {
            while !app.is_stopping() {
                // Whatever falls here must not end synchronisation until the next start of the program.
                if catch_unwind(AssertUnwindSafe(|| run(&app))).is_err() && !app.is_stopping() {
                    tracing::error!("synchronisation fell and begins anew");
                    note(&app, "restarted", &[]);
                    std::thread::sleep(LOOK);
                }
            }
        })
        .inspect_err(|error| tracing::error!(%error, "synchronisation does not run"))
        .ok()
}

fn run(app: &App) {
    let both = async {
        tokio::select! {
            () = keep_going(app) => {}
            () = care::keep_journal(app) => {}
        }
    };
    if let Err(error) = wait_for(both) {
        tracing::error!(%error, "synchronisation does not run");
        std::thread::sleep(LOOK);
    }
}

async fn keep_going(app: &App) {
    let desk = app.desk();
    let mut line: Option<Line> = None;
    let (mut failures, mut deaf) = (0_usize, 0_usize);
    while !app.is_stopping() {
        let account = match joined(app) {
            Ok(Some(account)) if !desk.is_paused() => account,
            Ok(_) => {
                line = None;
                desk.woken().await;
                continue;
            }
            Err(error) => {
                tracing::warn!(%error, "the account could not be read");
                sleep(LOOK).await;
                continue;
            }
        };
        if desk.is_stopped() && !desk.is_wanted() {
            desk.woken().await;
            continue;
        }
        desk.take_wanted();
        let one = session(app, &mut line, account).await;
        match one {
            Ok(()) => {
                failures = 0;
                wait_for_cause(app, line.as_ref(), &mut deaf).await;
            }
            Err(stopped) => {
                let pause = failed(app, &stopped, failures);
                if let Some(pause) = pause {
                    failures += 1;
                    wait_for_network(app, pause).await;
                }
            }
        }
    }
}

/// One session, to its end, for who has no background. What the server puts off does not count as a failure.
pub(super) fn hold(app: &App) -> Result<()> {
    let Some(account) = joined(app)? else {
        return Ok(());
    };
    let mut line = None;
    match wait_for(session(app, &mut line, account))? {
        Ok(()) => Ok(()),
        Err(stopped) => {
            failed(app, &stopped, 0);
            Err(stopped.into())
        }
    }
}

/// Waits in this thread for something from the network. One runtime for all, as a connection lives no longer than its own.
pub(super) fn wait_for<T>(work: impl Future<Output = T>) -> Result<T> {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    let runtime = match RUNTIME.get() {
        Some(runtime) => runtime,
        None => {
            let made = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .thread_name("ketu-net")
                .enable_all()
                .build()
                .map_err(AppError::io("begin to wait for the network"))?;
            RUNTIME.get_or_init(|| made)
        }
    };
    Ok(runtime.block_on(work))
}

fn joined(app: &App) -> Result<Option<Account>> {
    // A file that is not open has no account; opening one wakes the runner.
    let Ok(session) = app.session() else {
        return Ok(None);
    };
    Ok(Account::load(&session.store)?.filter(|account| account.joined))
}

async fn session(app: &App, kept: &mut Option<Line>, account: Account) -> Result<(), Stopped> {
    let ended = exchange(app, kept, account).await;
    if let Err(Stopped::Link(refusal)) = &ended
        && let Ok(Some(account)) = joined(app)
        && wipe::is_ordered(&account, refusal)
        && let Err(error) = wipe::last_words(app, &account).await
    {
        tracing::warn!(%error, "what the server does not have could not be set aside");
    }
    ended
}

async fn exchange(app: &App, kept: &mut Option<Line>, account: Account) -> Result<(), Stopped> {
    let line = kept.insert(Line::of(app, account)?);
    let desk = app.desk();
    desk.begin(app);
    let mut moved = round::run(app, line).await?;
    let is_more = after::session(app, line).await?;
    if care::check_sums(app)? || is_more {
        // What became one, or got its number, goes along at once; so does what was found to differ.
        let more = round::run(app, line).await?;
        moved.sent += more.sent;
        moved.received += more.received;
        moved.purged += more.purged;
    }
    let store = app.session()?.store;
    local::forget_in_backups(&store)?;
    let now = app.clock().now();
    if moved != Moved::default() {
        let params = [
            ("sent", moved.sent.to_string()),
            ("received", moved.received.to_string()),
            ("purged", moved.purged.to_string()),
        ];
        desk.note(&store, now, "synced", &params)?;
    }
    desk.succeeded(app, &store, now)?;
    watch(app, now)
}

/// Says so where work stays behind though sessions end well.
fn watch(app: &App, now: i64) -> Result<(), Stopped> {
    let waiting = super::status::counts(app)?;
    let stuck = waiting
        .waiting_since
        .is_some_and(|since| now - since > STUCK);
    if stuck && waiting.pending > 0 {
        tracing::warn!(pending = waiting.pending, "the server puts work off");
        app.desk().failed(
            app,
            Some(SyncTrouble {
                code: "put_off".to_owned(),
                params: [("count".to_owned(), waiting.pending.to_string())].into(),
                stops: false,
                retry_at: None,
            }),
        );
    }
    Ok(())
}

/// Notes a failure; says how long to wait, or nothing where the session was only ended.
fn failed(app: &App, stopped: &Stopped, failures: usize) -> Option<Duration> {
    let desk = app.desk();
    if let Stopped::Link(refusal) = stopped
        && let Ok(Some(account)) = joined(app)
        && wipe::is_ordered(&account, refusal)
    {
        tracing::error!("the organisation shut this laptop out and ordered its data destroyed");
        app.wipe();
        desk.failed(app, None);
        return None;
    }
    let Some((code, stops, after)) = stopped.trouble() else {
        desk.failed(app, None);
        return None;
    };
    let seconds = BACK_OFF.get(failures).or(BACK_OFF.last()).copied();
    let seconds = after.or(seconds).unwrap_or(60).max(1);
    // Laptops that lost their server at the same time do not come back at the same time.
    let spread = u64::from(rand_byte()) * seconds * 1_000 / 1_280;
    let pause = Duration::from_millis(seconds * 1_000 + spread);
    let now = app.clock().now();
    let retry_at = now + i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
    let trouble = SyncTrouble {
        code: code.clone(),
        params: Default::default(),
        stops,
        retry_at: (!stops).then_some(retry_at),
    };
    tracing::warn!(error = %stopped, code, "synchronisation failed");
    let is_new = desk.failed(app, Some(trouble));
    if is_new {
        note(app, "failed", &[("code", code)]);
    }
    Some(pause)
}

/// Notes what happened, where it can be.
fn note(app: &App, code: &str, params: &[(&str, String)]) {
    let Ok(session) = app.session() else {
        return;
    };
    let now = app.clock().now();
    if let Err(error) = app.desk().note(&session.store, now, code, params) {
        tracing::warn!(%error, "the log of synchronisation could not be written");
    }
}

/// Any number below 256; the last byte of an id is random.
fn rand_byte() -> u8 {
    uuid::Uuid::now_v7().into_bytes()[15]
}

/// After a good session: until somebody works, the server has news, or a while has passed. `deaf` counts the hints that failed
/// one after the other.
async fn wait_for_cause(app: &App, line: Option<&Line>, deaf: &mut usize) {
    let desk = app.desk();
    let weak = desk.is_weak();
    let until = Instant::now() + if weak { EVERY_WEAK } else { EVERY };
    let gather = if weak { GATHER_WEAK } else { GATHER };
    let news = async {
        let checkpoint = || {
            Some(
                app.session()
                    .ok()?
                    .store
                    .read(local::state)
                    .ok()??
                    .checkpoint,
            )
        };
        match (line, checkpoint()) {
            (Some(line), Some(head)) if !weak => {
                let failed = loop {
                    match line.hint(head).await {
                        Ok(true) => break false,
                        Ok(false) => *deaf = 0,
                        Err(_) => break true,
                    }
                };
                // A hint that fails is no news: the next session tells what is the matter. Where sessions end well
                // nevertheless, they do not follow each other for that.
                let seconds = BACK_OFF.get(*deaf).or(BACK_OFF.last());
                *deaf = if failed { *deaf + 1 } else { 0 };
                match seconds {
                    Some(seconds) if failed => sleep(Duration::from_secs(*seconds)).await,
                    _ => sleep(Duration::from_millis(200)).await,
                }
            }
            _ => std::future::pending().await,
        }
    };
    tokio::select! {
        () = desk.woken() => {
            let ready = Instant::now() + gather;
            while !desk.is_wanted() && !app.is_stopping() && Instant::now() < ready {
                tokio::select! {
                    () = desk.woken() => {}
                    () = sleep_until(ready) => {}
                }
            }
        }
        () = news => {}
        () = sleep_until(until) => {}
    }
}

/// After a failure: until the time has come, somebody asks, or the laptop is in another network.
async fn wait_for_network(app: &App, pause: Duration) {
    let desk = app.desk();
    let until = Instant::now() + pause;
    let before = own_address();
    while Instant::now() < until && !app.is_stopping() && !desk.is_wanted() {
        tokio::select! {
            () = desk.woken() => {}
            () = sleep_until(until) => {}
            () = sleep(LOOK) => {
                let here = own_address();
                if here.is_some() && here != before {
                    return;
                }
            }
        }
    }
}

/// The address that this laptop would send from; none without a network. Nothing is sent: a datagram's target is only
/// looked up (192.0.2.1 belongs to documentation, RFC 5737).
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind(("0.0.0.0", 0)).ok()?;
    socket.connect(("192.0.2.1", 9)).ok()?;
    let own = socket.local_addr().ok()?.ip();
    (!own.is_unspecified()).then_some(own)
}
