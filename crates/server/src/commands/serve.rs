//! `serve`: from the settings to a server that listens, and in good order to its end.

use std::fs::File;
use std::time::Duration;

use ketu_server::accounts::Invitation;
use ketu_server::backup::back_up;
use ketu_server::clock::Clock;
use ketu_server::config::{Config, LogFormat};
use ketu_server::db::{Database, Place, STEPS, migrate, schema_version};
use ketu_server::error::{Error, Result};
use ketu_server::files::hold_folder;
use ketu_server::http::AppState;
use ketu_server::http::serve::{Serving, serve as listen};
use ketu_server::tls;
use tracing_subscriber::EnvFilter;

use super::data::keep;

const HOUR: Duration = Duration::from_secs(60 * 60);

pub(super) async fn serve(config: Config) -> Result<()> {
    start_log(&config)?;
    let signals = signals::Signals::take()
        .map_err(|error| Error::Command(format!("the system gives no signals: {error}")))?;
    let _held = hold(&config)?;
    let clock = Clock::system();
    let db = Database::open(&config.place(), config.connections)?;
    back_up_before_steps(&config, &db, clock.now()).await?;
    migrate(&db, STEPS, clock.now()).await?;
    let tls = tls::certificate(&config)?;
    let fingerprint = tls.as_ref().map(|tls| tls.fingerprint.clone());
    let state = AppState::new(config, db, clock, fingerprint)?;
    // Made before anybody can connect, and printed once it listens.
    let first = first_org(&state).await?;
    let shipped = state.accounts.ship().await?;
    if shipped > 0 {
        tracing::info!(records = shipped, "what this version ships was added");
    }
    let serving = listen(state.clone(), tls.map(|tls| tls.server))?;
    introduce(&serving, first.as_ref());
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"), address = %serving.address, place = ?state.config.place(), "listening"
    );
    let upkeep = tokio::spawn(keep_up(state.clone()));
    let backups = tokio::spawn(keep_backups(state));
    signals.wait(|| renew(&serving)).await;
    tracing::info!("told to stop");
    upkeep.abort();
    // A backup that is being made leaves at most a `.part` file, which the next one replaces.
    backups.abort();
    serving.stop().await?;
    tracing::info!("stopped");
    Ok(())
}

/// Holds the data folder, where the data are in it.
pub(super) fn hold(config: &Config) -> Result<Option<File>> {
    match config.place() {
        Place::File(_) => hold_folder(&config.data).map(Some),
        Place::Postgres(_) => Ok(None),
    }
}

fn start_log(config: &Config) -> Result<()> {
    let filter = EnvFilter::try_new(&config.log)
        .map_err(|_| Error::Command("`log` is no filter that is understood".to_owned()))?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match config.log_format {
        LogFormat::Json => log.json().flatten_event(true).init(),
        LogFormat::Text => log.init(),
    }
    // The words of a panic may hold what people typed; the place says enough.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "panicked");
    }));
    Ok(())
}

/// A newer version is about to change the schema of a file in use.
async fn back_up_before_steps(config: &Config, db: &Database, now: i64) -> Result<()> {
    let taken = schema_version(db).await?;
    let Place::File(file) = config.place() else {
        return Ok(());
    };
    if taken == 0 || usize::try_from(taken).is_ok_and(|taken| taken >= STEPS.len()) {
        return Ok(());
    }
    let (folder, keep) = (config.data.join("backups"), keep(config));
    let made = tokio::task::spawn_blocking(move || back_up(&file, &folder, keep, now)).await??;
    tracing::info!(file = %made.display(), "backed up before the schema changes");
    Ok(())
}

async fn first_org(state: &AppState) -> Result<Option<Invitation>> {
    if !state.accounts.list_orgs().await?.is_empty() {
        return Ok(None);
    }
    let (_, invitation) = super::add_org(&state.accounts, "Ketu", "admin").await?;
    Ok(Some(invitation))
}

fn introduce(serving: &Serving, first: Option<&Invitation>) {
    let config = &serving.state.config;
    let mut addresses = config.addresses();
    if config.public.is_empty() {
        // Port 0 took a free one.
        addresses =
            vec![addresses[0].replace(&config.listen.to_string(), &serving.address.to_string())];
    }
    let fingerprint = serving.state.fingerprint.as_deref();
    say!("Ketu server {}", env!("CARGO_PKG_VERSION"));
    say!("  data         {:?}", config.place());
    say!("  listens on   {}", serving.address);
    for address in &addresses {
        say!("  address      {address}");
    }
    if let Some(fingerprint) = fingerprint {
        say!("  fingerprint  sha256 {fingerprint}");
    }
    say!();
    match first {
        Some(invitation) => {
            say!(
                "This server is new. Its first administrator joins from a laptop and chooses a password."
            );
            super::print_invitation(invitation, &addresses, fingerprint);
        }
        None => {
            say!("To let somebody in: ketu-server user add LOGIN, or ketu-server invite LOGIN");
        }
    }
    say!();
}

fn renew(serving: &Serving) {
    match tls::certificate(&serving.state.config) {
        Ok(Some(tls)) => {
            serving.renew(tls.server);
            tracing::info!("the certificate was read again");
        }
        Ok(None) => {}
        Err(error) => tracing::error!(error = %error, "the old certificate stays"),
    }
}

async fn keep_up(state: AppState) {
    let mut hourly = tokio::time::interval(HOUR);
    loop {
        hourly.tick().await;
        if let Err(error) = state.accounts.forget_old_tokens().await {
            tracing::warn!(error = %error, "old tokens stay for now");
        }
        match state.blobs.tidy().await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "files without a record went"),
            Err(error) => tracing::warn!(error = %error, "files without a record stay for now"),
        }
    }
}

async fn keep_backups(state: AppState) {
    let Place::File(file) = state.config.place() else {
        return;
    };
    if state.config.backup_minutes == 0 {
        return;
    }
    let mut each = tokio::time::interval(Duration::from_secs(state.config.backup_minutes * 60));
    // The first tick is at once: a start often follows a change.
    loop {
        each.tick().await;
        let (file, folder) = (file.clone(), state.config.data.join("backups"));
        let (keep, now) = (keep(&state.config), state.clock.now());
        let made = tokio::task::spawn_blocking(move || back_up(&file, &folder, keep, now)).await;
        match made.map_err(Error::from).flatten() {
            Ok(made) => tracing::info!(file = %made.display(), "backed up"),
            Err(error) => tracing::error!(error = %error, "there is no new backup"),
        }
    }
}

#[cfg(unix)]
mod signals {
    //! SIGTERM and SIGINT end the server, SIGHUP reads the certificate again.

    use tokio::signal::unix::{Signal, SignalKind, signal};

    pub struct Signals {
        terminate: Signal,
        interrupt: Signal,
        hang_up: Signal,
    }

    impl Signals {
        /// From now on they are ours, also those that come before anybody waits.
        pub fn take() -> std::io::Result<Self> {
            Ok(Self {
                terminate: signal(SignalKind::terminate())?,
                interrupt: signal(SignalKind::interrupt())?,
                hang_up: signal(SignalKind::hangup())?,
            })
        }

        pub async fn wait(mut self, mut reload: impl FnMut()) {
            loop {
                tokio::select! {
                    _ = self.terminate.recv() => return,
                    _ = self.interrupt.recv() => return,
                    _ = self.hang_up.recv() => reload(),
                }
            }
        }
    }
}

#[cfg(windows)]
mod signals {
    //! Ctrl-C ends the server.

    use tokio::signal::windows::{CtrlC, ctrl_c};

    pub struct Signals(CtrlC);

    impl Signals {
        pub fn take() -> std::io::Result<Self> {
            ctrl_c().map(Self)
        }

        pub async fn wait(mut self, _reload: impl FnMut()) {
            self.0.recv().await;
        }
    }
}
