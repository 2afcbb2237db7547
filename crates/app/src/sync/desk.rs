//! What is known of synchronisation while the application runs: where it stands, what was the matter, what happened. The
//! runner writes here, the window reads.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ketu_model::authorize::Role;
use ketu_store::Store;
use tokio::sync::Notify;
use uuid::Uuid;

use super::round::Line;
use crate::api::event::Event;
use crate::api::sync::{
    SyncAccount, SyncLogEntry, SyncPhase, SyncProgress, SyncStatus, SyncTrouble,
};
use crate::app::App;
use crate::error::Result;

/// Entries of the log that are kept.
const REMEMBERED: usize = 200;
/// Progress is told at most this often.
const TOLD_EVERY: Duration = Duration::from_millis(200);

const LAST: &str = "sync_last";
const PAUSED: &str = "sync_paused";
const WEAK: &str = "sync_weak";
const LOG: &str = "sync_log";

#[derive(Debug, Default)]
pub(crate) struct Desk {
    book: Mutex<Book>,
    /// Somebody wants a session: work was done, a button was pressed, the application ends.
    wake: Notify,
    /// Somebody worked.
    work: Notify,
}

#[derive(Debug, Default)]
struct Book {
    account: Option<SyncAccount>,
    paused: bool,
    weak: bool,
    running: bool,
    /// Whether somebody asked for a session, which does not wait for its time then.
    wanted: bool,
    last_sync: Option<i64>,
    clock_offset: i64,
    reach: Reach,
    /// Whether the window was told that this laptop is out of reach.
    told_out: bool,
    trouble: Option<SyncTrouble>,
    progress: Option<SyncProgress>,
    log: VecDeque<SyncLogEntry>,
    told: Option<Instant>,
    line: Option<Line>,
}

/// Since when the server was not heard, and how long that may be (docs/sync-protocol.md §7.5).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Reach {
    /// 0 where nobody noted it.
    pub heard_at: i64,
    /// 0 for ever.
    pub lock_after_days: u32,
}

impl Reach {
    fn is_lost(self, now: i64) -> bool {
        let most = i64::from(self.lock_after_days) * 24 * 3_600_000;
        most > 0 && self.heard_at > 0 && now - self.heard_at > most
    }
}

impl Desk {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads what the file remembers, where another one was opened or the account changed.
    pub(super) fn read(&self, store: &Store, account: Option<SyncAccount>) -> Result<()> {
        let meta = |key| store.read(|reader| reader.meta(key));
        let (last, paused, weak) = (meta(LAST)?, meta(PAUSED)?, meta(WEAK)?);
        let log = meta(LOG)?.and_then(|json| serde_json::from_str(&json).ok());
        let mut book = self.book();
        book.account = account;
        book.last_sync = last.and_then(|text| text.parse().ok());
        book.paused = paused.as_deref() == Some("1");
        book.weak = weak.as_deref() == Some("1");
        book.log = log.unwrap_or_default();
        Ok(())
    }

    /// Who works at this laptop, and the role that the server named last; none without a server.
    pub(crate) fn person(&self) -> Option<(Uuid, Role)> {
        let book = self.book();
        let account = book.account.as_ref()?;
        let role = account.role.as_deref().unwrap_or_default();
        let role = serde_json::from_value(role.into()).unwrap_or(Role::Salesperson);
        Some((account.user, role))
    }

    /// The way to the server that was used last.
    pub(super) fn line(&self) -> Option<Line> {
        self.book().line.clone()
    }

    pub(super) fn keep_line(&self, line: Line) {
        self.book().line = Some(line);
    }

    pub(super) fn is_paused(&self) -> bool {
        self.book().paused
    }

    pub(super) fn is_weak(&self) -> bool {
        self.book().weak
    }

    pub(super) fn pause(&self, store: &Store, paused: bool, now: i64) -> Result<()> {
        store.set_meta(PAUSED, if paused { "1" } else { "0" })?;
        self.book().paused = paused;
        self.note(store, now, if paused { "paused" } else { "resumed" }, &[])
    }

    pub(super) fn set_weak(&self, store: &Store, weak: bool) -> Result<()> {
        store.set_meta(WEAK, if weak { "1" } else { "0" })?;
        self.book().weak = weak;
        Ok(())
    }

    /// Somebody asks for a session now.
    pub(crate) fn want(&self) {
        self.book().wanted = true;
        self.wake.notify_one();
    }

    /// There may be something to send.
    pub(crate) fn nudge(&self) {
        self.wake.notify_one();
        self.work.notify_one();
    }

    pub(super) async fn worked(&self) {
        self.work.notified().await;
    }

    pub(super) fn take_wanted(&self) -> bool {
        std::mem::take(&mut self.book().wanted)
    }

    pub(super) fn is_wanted(&self) -> bool {
        self.book().wanted
    }

    pub(super) async fn woken(&self) {
        self.wake.notified().await;
    }

    pub(super) fn begin(&self, app: &App) {
        let mut book = self.book();
        book.running = true;
        book.progress = None;
        drop(book);
        app.emit(&Event::Sync);
    }

    pub(super) fn progress(&self, app: &App, step: &str, done: u32, total: Option<u32>) {
        let mut book = self.book();
        book.progress = Some(SyncProgress {
            step: step.to_owned(),
            done,
            total,
        });
        let is_time = book.told.is_none_or(|at| at.elapsed() >= TOLD_EVERY);
        if is_time {
            book.told = Some(Instant::now());
        }
        drop(book);
        if is_time {
            app.emit(&Event::Sync);
        }
    }

    /// The server was heard, or a file remembers when.
    pub(super) fn set_reach(&self, reach: Reach) {
        self.book().reach = reach;
    }

    /// Set while nothing may be shown: the server was not heard for too long.
    pub(crate) fn out_of_reach(&self, now: i64) -> Option<Reach> {
        Some(self.book().reach).filter(|reach| reach.is_lost(now))
    }

    /// Whether it is another than when this was asked last.
    pub(crate) fn take_reach_changed(&self, now: i64) -> bool {
        let mut book = self.book();
        let is_out = book.reach.is_lost(now);
        std::mem::replace(&mut book.told_out, is_out) != is_out
    }

    pub(super) fn heard_clock(&self, offset: i64) {
        self.book().clock_offset = offset;
    }

    /// A session ended well.
    pub(super) fn succeeded(&self, app: &App, store: &Store, now: i64) -> Result<()> {
        store.set_meta(LAST, &now.to_string())?;
        let mut book = self.book();
        book.running = false;
        book.progress = None;
        book.trouble = None;
        book.last_sync = Some(now);
        drop(book);
        app.emit(&Event::Sync);
        Ok(())
    }

    /// A session ended otherwise. Says whether the trouble is another than before.
    pub(super) fn failed(&self, app: &App, trouble: Option<SyncTrouble>) -> bool {
        let mut book = self.book();
        book.running = false;
        book.progress = None;
        let code = |trouble: &Option<SyncTrouble>| trouble.as_ref().map(|one| one.code.clone());
        let is_new = code(&book.trouble) != code(&trouble);
        book.trouble = trouble;
        drop(book);
        app.emit(&Event::Sync);
        is_new
    }

    /// Whether only a person can let it go on.
    pub(super) fn is_stopped(&self) -> bool {
        self.book().trouble.as_ref().is_some_and(|one| one.stops)
    }

    /// Adds to the log.
    pub(super) fn note(
        &self,
        store: &Store,
        at: i64,
        code: &str,
        params: &[(&str, String)],
    ) -> Result<()> {
        let params = params.iter();
        let entry = SyncLogEntry {
            at,
            code: code.to_owned(),
            params: params
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect::<BTreeMap<_, _>>(),
        };
        let mut book = self.book();
        book.log.push_front(entry);
        book.log.truncate(REMEMBERED);
        let json = serde_json::to_string(&book.log).expect("the log is plain data");
        drop(book);
        Ok(store.set_meta(LOG, &json)?)
    }

    pub(super) fn log(&self) -> Vec<SyncLogEntry> {
        self.book().log.iter().cloned().collect()
    }

    /// Where it stands, with what the file says of the outbox.
    pub(super) fn status(&self, counts: Counts) -> SyncStatus {
        let book = self.book();
        let stops = book.trouble.as_ref().is_some_and(|one| one.stops);
        let phase = match &book.account {
            None => SyncPhase::Alone,
            Some(_) if book.paused => SyncPhase::Paused,
            Some(_) if book.running => SyncPhase::Syncing,
            Some(_) if stops => SyncPhase::Stopped,
            Some(_) if book.trouble.is_some() => SyncPhase::Offline,
            Some(_) if counts.pending > 0 || book.last_sync.is_none() => SyncPhase::Waiting,
            Some(_) => SyncPhase::UpToDate,
        };
        SyncStatus {
            account: book.account.clone(),
            phase,
            pending: counts.pending,
            attention: counts.attention,
            conflicts: counts.conflicts,
            last_sync: book.last_sync,
            waiting_since: counts.waiting_since,
            trouble: book.trouble.clone(),
            progress: book.progress.clone(),
            weak_network: book.weak,
            clock_offset: book.clock_offset,
        }
    }
}

/// What the file says of the outbox.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub pending: u32,
    pub attention: u32,
    pub conflicts: u32,
    pub waiting_since: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * 3_600_000;

    #[test]
    fn a_laptop_is_out_of_reach_when_its_days_are_over_and_says_so_once() {
        let desk = Desk::default();
        let now = 1_795_399_200_000;
        assert!(desk.out_of_reach(now).is_none(), "alone");
        let reach = Reach {
            heard_at: now,
            lock_after_days: 30,
        };
        desk.set_reach(reach);
        assert!(desk.out_of_reach(now + 30 * DAY).is_none());
        assert_eq!(desk.out_of_reach(now + 30 * DAY + 1), Some(reach));
        assert!(!desk.take_reach_changed(now));
        assert!(desk.take_reach_changed(now + 31 * DAY));
        assert!(!desk.take_reach_changed(now + 32 * DAY));
        desk.set_reach(Reach {
            heard_at: now + 32 * DAY,
            ..reach
        });
        assert!(desk.take_reach_changed(now + 32 * DAY));
        // A company that does not want it, and a file that does not know.
        for (heard_at, lock_after_days) in [(now, 0), (0, 30)] {
            desk.set_reach(Reach {
                heard_at,
                lock_after_days,
            });
            assert!(desk.out_of_reach(now + 900 * DAY).is_none());
        }
    }
}
