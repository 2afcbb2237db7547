//! The application: one data folder, open or not, and everyone who listens to it.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::thread::JoinHandle;

use ketu_model::clock::{Clock, SystemClock};
use ketu_store::file::{Folder, KeySource, RecoveryKey};
use ketu_store::{Change, Committed, Door, Location, OpenError, Reader, Store, StoreError, Write};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::api::dispatch::registry;
use crate::api::event::{DueReminder, Event};
use crate::api::session::FileState;
use crate::error::{ApiError, AppError, Result};
use crate::import::Imports;
use crate::keys::key_source;
use crate::sync::{Desk, Reach};
use crate::views::Views;

/// How a front door starts the application.
#[derive(Debug, Clone)]
pub struct Options {
    pub data_dir: PathBuf,
    /// The program to start for reading spreadsheets: this one itself.
    pub program: PathBuf,
    pub clock: Arc<dyn Clock>,
    /// Where the file's key lies; the system's choice where absent.
    pub keys: Option<Arc<dyn KeySource>>,
    /// Whether reminders and scheduled backups run; the command line does without.
    pub background: bool,
}

impl Options {
    pub fn new(data_dir: impl Into<PathBuf>, program: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            program: program.into(),
            clock: Arc::new(SystemClock),
            keys: None,
            background: false,
        }
    }

    pub fn with_background(mut self) -> Self {
        self.background = true;
        self
    }
}

type Listener = Box<dyn Fn(&Event) + Send + Sync>;

/// Clones share one application.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    options: Options,
    keys: Arc<dyn KeySource>,
    state: RwLock<State>,
    listeners: RwLock<Vec<Listener>>,
    views: Views,
    imports: Imports,
    /// The recovery key between its making and its confirmation, so that it can be saved to a file.
    fresh_recovery_key: Mutex<Option<FreshKey>>,
    stopping: AtomicBool,
    background: Mutex<Vec<JoinHandle<()>>>,
    desk: Desk,
    /// Set by every change of a reminder; the background thread looks again at once.
    reminders_changed: AtomicBool,
    /// Reminders told since the start, and whether they were missed.
    told_reminders: Mutex<Vec<(DueReminder, bool)>>,
}

/// A recovery key that nobody has confirmed keeping yet.
pub(crate) struct FreshKey {
    pub key: RecoveryKey,
    /// Whether it opens the file already. A new one does when it is kept: until then the old one does.
    pub opens: bool,
}

enum State {
    Open(Session),
    Closed(FileState),
}

/// An open file and the person who works with it.
#[derive(Debug, Clone)]
pub struct Session {
    pub store: Store,
    pub user: Uuid,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("data_dir", &self.0.options.data_dir)
            .finish_non_exhaustive()
    }
}

impl App {
    /// Starts on a data folder. Never fails: what is the matter with the file is its `status`.
    pub fn start(options: Options) -> Self {
        let keys = options
            .keys
            .clone()
            .unwrap_or_else(|| key_source(&options.data_dir));
        let background = options.background;
        let app = Self(Arc::new(Inner {
            imports: Imports::new(options.program.clone()),
            options,
            keys,
            state: RwLock::new(State::Closed(FileState::FirstRun)),
            listeners: RwLock::new(Vec::new()),
            views: Views::default(),
            fresh_recovery_key: Mutex::new(None),
            stopping: AtomicBool::new(false),
            background: Mutex::default(),
            desk: Desk::default(),
            reminders_changed: AtomicBool::new(false),
            told_reminders: Mutex::default(),
        }));
        let opened = Store::open(&app.location());
        app.settle(opened);
        if background {
            let threads = [crate::background::start(&app), crate::sync::start(&app)];
            app.background().extend(threads.into_iter().flatten());
        }
        app
    }

    /// Answers one request. Blocks: call it on a thread of its own.
    pub fn dispatch(&self, method: &str, params: Json) -> Result<Json, ApiError> {
        let entry = registry().iter().find(|entry| entry.name == method);
        let answer = match entry {
            Some(entry) => (entry.call)(self, params),
            None => Err(AppError::UnknownMethod(method.to_owned())),
        };
        answer.map_err(|error| {
            tracing::warn!(method, error = %error, "refused");
            if let AppError::Store(error) = &error
                && error.is_damage()
            {
                self.found_damage();
            }
            ApiError::from(&error)
        })
    }

    /// Hears everything that the core tells, until the application ends.
    pub fn subscribe(&self, listener: Listener) {
        self.0
            .listeners
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .push(listener);
    }

    pub(crate) fn emit(&self, event: &Event) {
        for listener in self
            .0
            .listeners
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
        {
            listener(event);
        }
    }

    fn background(&self) -> MutexGuard<'_, Vec<JoinHandle<()>>> {
        self.0
            .background
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends background work and lets the folder go. To be called before the program ends: the cipher takes
    /// its tables down then, also under a thread that still works with a file.
    pub fn stop(&self) {
        self.0.stopping.store(true, Ordering::SeqCst);
        self.desk().nudge();
        for thread in std::mem::take(&mut *self.background()) {
            thread.thread().unpark();
            if thread.join().is_err() {
                tracing::error!("a background thread fell");
            }
        }
        self.0.views.clear();
        if let State::Open(session) = self.swap(State::Closed(FileState::FirstRun)) {
            session.store.close();
        }
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.0.stopping.load(Ordering::SeqCst)
    }

    /// Whether anyone would hear a reminder; until then none is told, or it would be lost.
    pub(crate) fn is_heard(&self) -> bool {
        !self
            .0
            .listeners
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .is_empty()
    }

    pub(crate) fn take_reminders_changed(&self) -> bool {
        self.0.reminders_changed.swap(false, Ordering::SeqCst)
    }

    pub(crate) fn told_reminders(&self) -> MutexGuard<'_, Vec<(DueReminder, bool)>> {
        self.0
            .told_reminders
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn options(&self) -> &Options {
        &self.0.options
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.options.clock
    }

    pub(crate) fn keys(&self) -> &Arc<dyn KeySource> {
        &self.0.keys
    }

    pub(crate) fn desk(&self) -> &Desk {
        &self.0.desk
    }

    pub(crate) fn views(&self) -> &Views {
        &self.0.views
    }

    pub(crate) fn imports(&self) -> &Imports {
        &self.0.imports
    }

    pub(crate) fn fresh_recovery_key(&self) -> MutexGuard<'_, Option<FreshKey>> {
        self.0
            .fresh_recovery_key
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn location(&self) -> Location {
        Location {
            folder: Folder::new(&self.0.options.data_dir),
            keys: Arc::clone(&self.0.keys),
            clock: Arc::clone(&self.0.options.clock),
            owner: format!("{} ({})", owner_name(), std::process::id()),
        }
    }

    pub(crate) fn file_state(&self) -> FileState {
        match &*self.state() {
            State::Open(_) => match self.desk().out_of_reach(self.clock().now()) {
                Some(Reach {
                    heard_at,
                    lock_after_days,
                }) => FileState::OutOfReach {
                    since: heard_at,
                    days: lock_after_days,
                },
                None => FileState::Ready,
            },
            State::Closed(state) => state.clone(),
        }
    }

    /// The open file, or the refusal that fits its state.
    pub(crate) fn session(&self) -> Result<Session> {
        match &*self.state() {
            State::Open(session) => Ok(session.clone()),
            State::Closed(state) => Err(match state {
                FileState::FirstRun => AppError::refused("no_file"),
                FileState::Locked => AppError::refused("locked"),
                FileState::InUse { owner } => AppError::refused("in_use").param("owner", owner),
                FileState::Damaged { .. } => AppError::refused("damaged"),
                FileState::Newer => AppError::refused("newer"),
                FileState::Foreign => AppError::refused("foreign"),
                FileState::Plaintext => AppError::refused("plaintext"),
                FileState::ShutOut => AppError::refused("shut_out"),
                FileState::Ready | FileState::OutOfReach { .. } | FileState::Unusable { .. } => {
                    AppError::refused("unusable")
                }
            }),
        }
    }

    /// Takes over what opening the file gave.
    pub(crate) fn settle(&self, opened: Result<Store, OpenError>) {
        let state = match opened
            .map_err(AppError::from)
            .and_then(|store| self.enter(store))
        {
            Ok(session) => State::Open(session),
            Err(error) => {
                tracing::warn!(%error, "the data file is not open");
                State::Closed(self.closed_state(&error))
            }
        };
        if let State::Open(session) = &state
            && let Err(error) = crate::sync::status::opened(self, session)
        {
            tracing::error!(%error, "what is remembered of the server could not be read");
        }
        self.swap(state);
        self.desk().nudge();
        self.emit(&Event::Status);
    }

    /// Another person works with the file from now on: the same one, as the server calls them.
    pub(crate) fn become_user(&self, user: Uuid) {
        if let State::Open(session) =
            &mut *self.0.state.write().unwrap_or_else(PoisonError::into_inner)
        {
            session.user = user;
        }
        self.emit(&Event::Status);
    }

    fn enter(&self, store: Store) -> Result<Session> {
        let user = store.read(|reader| reader.meta("user"))?;
        let user = user.and_then(|id| id.parse().ok());
        // A crash between making the file and adding its user leaves one without: set up again.
        let user = user.ok_or(AppError::Open(OpenError::Absent))?;
        Ok(Session { store, user })
    }

    fn closed_state(&self, error: &AppError) -> FileState {
        let unusable = || FileState::Unusable {
            reason: ApiError::from(error).code,
        };
        let backups = || {
            u32::try_from(Folder::new(&self.0.options.data_dir).list_backups().len())
                .unwrap_or(u32::MAX)
        };
        let error = match error {
            AppError::Open(error) => error,
            AppError::Store(error) if error.is_damage() => &OpenError::Damaged,
            _ => return unusable(),
        };
        match error {
            OpenError::Absent => FileState::FirstRun,
            OpenError::Locked | OpenError::WrongKey => FileState::Locked,
            OpenError::InUse { owner } => FileState::InUse {
                owner: owner.clone(),
            },
            OpenError::Damaged => FileState::Damaged { backups: backups() },
            OpenError::Newer { .. } => FileState::Newer,
            OpenError::Foreign => FileState::Foreign,
            OpenError::Plaintext => FileState::Plaintext,
            OpenError::Store(error) if error.is_damage() => {
                FileState::Damaged { backups: backups() }
            }
            OpenError::NoCipher | OpenError::Store(_) => unusable(),
        }
    }

    /// Damage that showed while working: the file is let go, and the way back is offered.
    fn found_damage(&self) {
        let state = self.closed_state(&AppError::Open(OpenError::Damaged));
        self.0.views.clear();
        self.swap(State::Closed(state));
        self.emit(&Event::Status);
    }

    /// Lets the file go, for a restore; the caller settles a new state.
    pub(crate) fn close(&self) {
        self.0.views.clear();
        if let State::Open(session) = self.swap(State::Closed(FileState::FirstRun)) {
            session.store.close();
        }
    }

    /// Destroys what this laptop holds, keys first: without them the rest is noise, also where it cannot be deleted.
    pub(crate) fn wipe(&self) {
        self.close();
        if let Err(error) = Folder::new(&self.0.options.data_dir).wipe() {
            tracing::error!(%error, "not everything could be deleted; the keys were first");
        }
        self.swap(State::Closed(FileState::ShutOut));
        self.emit(&Event::Status);
    }

    fn swap(&self, state: State) -> State {
        std::mem::replace(
            &mut *self.0.state.write().unwrap_or_else(PoisonError::into_inner),
            state,
        )
    }

    fn state(&self) -> std::sync::RwLockReadGuard<'_, State> {
        self.0.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn read<T>(&self, work: impl FnOnce(&Reader<'_>) -> Result<T>) -> Result<T> {
        self.session()?.store.read(work)
    }

    /// Writes as the person at this laptop, and tells what changed.
    pub(crate) fn write<T>(
        &self,
        action: &'static str,
        work: impl FnOnce(&mut Door<'_>) -> Result<T>,
    ) -> Result<Committed<T>> {
        let session = self.session()?;
        let committed = session
            .store
            .transact(Write::form(session.user, action), work)?;
        self.tell(&committed.changes);
        Ok(committed)
    }

    /// Tells the window which records somebody changed here, and the server when it is reached.
    pub(crate) fn tell(&self, changes: &[Change]) {
        if !changes.is_empty() {
            self.desk().nudge();
        }
        self.announce(changes);
    }

    /// Tells the window which records changed.
    pub(crate) fn announce(&self, changes: &[Change]) {
        const MOST: usize = 1_000;
        if changes.is_empty() {
            return;
        }
        let mut entities: Vec<String> = changes
            .iter()
            .map(|change| change.entity.to_string())
            .collect();
        entities.sort_unstable();
        entities.dedup();
        if entities.iter().any(|entity| entity == "reminder") {
            self.0.reminders_changed.store(true, Ordering::SeqCst);
        }
        self.emit(&Event::Changed {
            entities,
            ids: changes.iter().take(MOST).map(|change| change.id).collect(),
            all: changes.len() > MOST,
        });
    }
}

impl Session {
    pub fn read<T>(&self, work: impl FnOnce(&Reader<'_>) -> Result<T>) -> Result<T> {
        self.store.read(work)
    }
}

fn owner_name() -> String {
    let name = ["USER", "USERNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok());
    name.unwrap_or_else(|| "?".to_owned())
}

/// Shorthand for the one thing that is missing most often.
pub(crate) fn not_found(entity: &str, id: Uuid) -> AppError {
    AppError::Store(StoreError::NotFound {
        entity: entity.to_owned(),
        id,
    })
}
