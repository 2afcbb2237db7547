//! HTTP: it translates, and decides nothing. Every route takes and gives CBOR and JSON ([`wire`]), refuses in one shape
//! ([`fault`]) and is described in the OpenAPI document ([`routes`]).

pub mod auth;
pub mod fault;
pub mod observe;
pub mod routes;
pub mod serve;
pub mod wire;

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use tokio::sync::{Semaphore, watch};

use crate::accounts::Accounts;
use crate::blobs::Blobs;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::Database;
use crate::engine::Engine;
use crate::error::Result;

pub use auth::{Admin, Authenticated};
pub use fault::Fault;
pub use observe::Metrics;
pub use wire::Wire;

/// How many laptops may wait for news at once.
const WAITING: usize = 10_000;

/// What handlers share; clones are cheap.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

/// The parts of [`AppState`].
#[derive(Debug)]
pub struct Shared {
    pub config: Config,
    pub db: Database,
    pub clock: Clock,
    pub accounts: Accounts,
    pub engine: Engine,
    pub blobs: Blobs,
    pub metrics: Metrics,
    /// In hex; none without TLS.
    pub fingerprint: Option<String>,
    /// How many requests more are taken now.
    places: Arc<Semaphore>,
    /// How many more may wait for news, which costs nothing but memory.
    waiting: Arc<Semaphore>,
    /// True from the moment the server is told to stop: what waits on purpose, as for news, ends then.
    closing: watch::Sender<bool>,
}

impl AppState {
    /// # Errors
    /// When the cost of passwords is out of bounds.
    pub fn new(
        config: Config,
        db: Database,
        clock: Clock,
        fingerprint: Option<String>,
    ) -> Result<Self> {
        let accounts = Accounts::new(db.clone(), clock.clone(), config.cost(), config.lifetimes())?;
        let engine = Engine::new(db.clone(), clock.clone());
        let blobs = Blobs::new(
            db.clone(),
            clock.clone(),
            config.files_folder(),
            config.limits(),
        );
        Ok(Self(Arc::new(Shared {
            places: Arc::new(Semaphore::new(config.requests_at_once)),
            waiting: Arc::new(Semaphore::new(WAITING)),
            metrics: Metrics::new(db.clone()),
            closing: watch::Sender::new(false),
            config,
            db,
            clock,
            accounts,
            engine,
            blobs,
            fingerprint,
        })))
    }
}

impl Shared {
    /// Tells when the server is told to stop.
    pub fn closing(&self) -> watch::Receiver<bool> {
        self.closing.subscribe()
    }

    pub fn is_closing(&self) -> bool {
        *self.closing.borrow()
    }

    pub(crate) fn close(&self) {
        self.closing.send_replace(true);
    }
}

impl Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl fmt::Debug for AppState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppState").finish_non_exhaustive()
    }
}
