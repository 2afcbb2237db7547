//! A server of the test's own on a free port, with a clock that the test sets.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use ketu_model::authorize::Role;
use ketu_server::accounts::{By, Invitation, NewUser, Org};
use ketu_server::clock::Clock;
use ketu_server::config::{Config, Tls};
use ketu_server::db::{Place, STEPS, migrate};
use ketu_server::http::AppState;
use ketu_server::http::serve::{Serving, serve};

use crate::store::Store;

pub const NOW: i64 = 1_790_000_000_000;

#[derive(Debug)]
pub struct Server {
    pub serving: Serving,
    pub time: Arc<AtomicI64>,
    pub store: Store,
}

impl Server {
    pub async fn start(store: Store) -> Self {
        Self::with(store, |_| {}).await
    }

    /// Starts with the settings that `change` makes of the test's.
    pub async fn with(store: Store, change: impl FnOnce(&mut Config)) -> Self {
        let time = Arc::new(AtomicI64::new(NOW));
        let serving = node(&store, &time, change).await;
        Self {
            serving,
            time,
            store,
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.serving.address
    }

    pub fn state(&self) -> &AppState {
        &self.serving.state
    }

    pub fn pass(&self, time: Duration) {
        let milliseconds = i64::try_from(time.as_millis()).unwrap();
        self.time.fetch_add(milliseconds, Ordering::SeqCst);
    }

    /// An organisation with one admin, whose login is `admin`.
    pub async fn org(&self) -> (Org, Invitation) {
        let admin = person("admin", Role::Admin);
        self.state().accounts.add_org("客途", admin).await.unwrap()
    }

    pub async fn add(&self, org: &Org, login: &str, role: Role) -> Invitation {
        let new = person(login, role);
        let added = self
            .state()
            .accounts
            .add_user(org.id, By::CONSOLE, new)
            .await;
        added.unwrap().1
    }
}

/// One more server beside the others on the same store.
pub async fn node(
    store: &Store,
    time: &Arc<AtomicI64>,
    change: impl FnOnce(&mut Config),
) -> Serving {
    let mut config = Config {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        tls: Tls::Off,
        password_memory_kib: 64,
        password_passes: 1,
        data: match &store.place {
            Place::File(path) => path.parent().unwrap().to_owned(),
            Place::Postgres(_) => store.folder.path().to_owned(),
        },
        ..Config::default()
    };
    change(&mut config);
    let clock = Clock::set_by(Arc::clone(time));
    let db = store.database();
    migrate(&db, STEPS, clock.now()).await.unwrap();
    let tls = ketu_server::tls::certificate(&config).unwrap();
    let fingerprint = tls.as_ref().map(|tls| tls.fingerprint.clone());
    let state = AppState::new(config, db, clock, fingerprint).unwrap();
    serve(state, tls.map(|tls| tls.server)).unwrap()
}

pub fn person(login: &str, role: Role) -> NewUser {
    NewUser {
        login: login.into(),
        name: login.into(),
        role,
        team: None,
    }
}
