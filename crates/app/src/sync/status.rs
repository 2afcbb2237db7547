//! Where this laptop stands with its server, and the few things that a person can do about it.

use super::account::Account;
use super::desk::Counts;
use super::{conflicts, runner};
use crate::api::session::{Done, Nothing};
use crate::api::sync::{PauseSync, SyncLog, SyncStatus, WeakNetwork};
use crate::app::{App, Session};
use crate::error::{AppError, Result};

pub(crate) fn status(app: &App, _: Nothing) -> Result<SyncStatus> {
    Ok(app.desk().status(counts(app)?))
}

/// What the file says of the outbox; nothing on a laptop of its own.
pub(super) fn counts(app: &App) -> Result<Counts> {
    let session = app.session()?;
    session.read(|reader| {
        if reader.sync_state()?.is_none() {
            return Ok(Counts::default());
        }
        let outbox = reader.outbox_counts()?;
        Ok(Counts {
            pending: outbox.unanswered,
            attention: outbox.attention,
            conflicts: conflicts::count(app, reader)?,
            waiting_since: reader.waiting_since()?,
        })
    })
}

pub(crate) fn pause(app: &App, request: PauseSync) -> Result<SyncStatus> {
    let session = joined(app)?;
    app.desk()
        .pause(&session.store, request.paused, app.clock().now())?;
    changed(app)
}

pub(crate) fn weak_network(app: &App, request: WeakNetwork) -> Result<SyncStatus> {
    let session = joined(app)?;
    app.desk().set_weak(&session.store, request.weak)?;
    changed(app)
}

fn changed(app: &App) -> Result<SyncStatus> {
    app.desk().nudge();
    app.emit(&crate::api::event::Event::Sync);
    status(app, Nothing {})
}

/// Begins a session. Without a background, as on the command line, it is held here, to its end.
pub(crate) fn now(app: &App, _: Nothing) -> Result<Done> {
    joined(app)?;
    if app.options().background {
        app.desk().want();
    } else {
        runner::hold(app)?;
    }
    Ok(Done { done: true })
}

pub(crate) fn log(app: &App, _: Nothing) -> Result<SyncLog> {
    Ok(SyncLog {
        entries: app.desk().log(),
    })
}

/// The open file of a laptop that exchanges work with a server.
pub(super) fn joined(app: &App) -> Result<Session> {
    let session = app.session()?;
    match Account::load(&session.store)? {
        Some(account) if account.joined => Ok(session),
        _ => Err(AppError::refused("not_joined")),
    }
}

/// Reads what an opened file remembers.
pub(crate) fn opened(app: &App, session: &Session) -> Result<()> {
    let account = Account::load(&session.store)?.filter(|account| account.joined);
    let desk = app.desk();
    desk.set_reach(account.as_ref().map(Account::reach).unwrap_or_default());
    desk.read(&session.store, account.map(|account| account.view()))?;
    Ok(())
}
