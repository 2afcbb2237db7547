//! What runs beside the window: reminders that fire, and backups every four hours of use.

use std::thread::JoinHandle;
use std::time::Duration;

use ketu_store::file::BackupReason;

use crate::api::event::Event;
use crate::app::{App, Session};
use crate::error::Result;
use crate::reminders::fire_due;

/// The longest nap: a laptop that wakes from sleep is noticed within it.
const NAP: Duration = Duration::from_millis(500);
/// How often due reminders are looked for, at least.
const LOOK: i64 = 20_000;
const BACKUP_EVERY: i64 = 4 * 3_600_000;
/// A backup that failed (a full disk, say) is tried again after this long.
const BACKUP_AGAIN: i64 = 10 * 60_000;

/// Starts the thread; it ends when the application stops.
pub(crate) fn start(app: &App) -> Option<JoinHandle<()>> {
    let app = app.clone();
    std::thread::Builder::new()
        .name("ketu-background".to_owned())
        .spawn(move || run(&app))
        .inspect_err(|error| tracing::error!(%error, "reminders and backups do not run"))
        .ok()
}

fn run(app: &App) {
    let mut look_at = i64::MIN;
    let mut back_up_at = i64::MIN;
    while !app.is_stopping() {
        let now = app.clock().now();
        if app.desk().take_reach_changed(now) {
            app.emit(&Event::Status);
        }
        if let Ok(session) = app.session() {
            // What nobody may read is not told in a notification either.
            let may_tell = app.is_heard() && app.desk().out_of_reach(now).is_none();
            if may_tell && (now >= look_at || app.take_reminders_changed()) {
                look_at = match fire_due(app, &session) {
                    Ok(next) => next.unwrap_or(i64::MAX).min(now + LOOK),
                    Err(error) => {
                        tracing::warn!(%error, "due reminders could not be read");
                        now + LOOK
                    }
                };
            }
            if now >= back_up_at
                && let Err(error) = back_up_if_due(&session, now)
            {
                tracing::warn!(%error, "the scheduled backup failed");
                back_up_at = now + BACKUP_AGAIN;
            }
        }
        // `App::stop` wakes it.
        std::thread::park_timeout(NAP);
    }
}

/// A backup when the latest is four hours old and something changed since.
fn back_up_if_due(session: &Session, now: i64) -> Result<()> {
    let latest = session
        .store
        .folder()
        .latest_backup(now)
        .map(|backup| backup.at);
    if latest.is_some_and(|at| now - at < BACKUP_EVERY) {
        return Ok(());
    }
    let changed = session.read(|reader| Ok(reader.last_change()?))?;
    if changed.is_some_and(|at| latest.is_none_or(|latest| at > latest)) {
        session.store.back_up(BackupReason::Scheduled)?;
    }
    Ok(())
}
