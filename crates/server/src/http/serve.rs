//! Listening: TLS 1.3 by rustls, HTTP/1.1, limits on what a stranger may hold open, and an end that lets requests under
//! way be answered.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum_server::Handle;
use axum_server::accept::NoDelayAcceptor;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use rustls::ServerConfig;

use super::{AppState, routes};
use crate::error::{Error, Result};

/// The time that a request's head may take.
const HEAD: Duration = Duration::from_secs(15);

/// Bytes of a request's head.
const HEAD_BYTES: usize = 64 * 1024;

/// A server that listens.
#[derive(Debug)]
pub struct Serving {
    pub address: SocketAddr,
    pub state: AppState,
    handle: Handle<SocketAddr>,
    tls: Option<RustlsConfig>,
    task: tokio::task::JoinHandle<std::io::Result<()>>,
}

/// Begins to listen on the configured address; port 0 takes a free one. When this returns, connections are taken.
///
/// # Errors
/// [`Error::Listen`].
pub fn serve(state: AppState, tls: Option<Arc<ServerConfig>>) -> Result<Serving> {
    let wanted = state.config.listen;
    let failed = |source| Error::Listen {
        address: wanted,
        source,
    };
    let listener = TcpListener::bind(wanted).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let handle = Handle::new();
    let service = routes::router(state.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let server = axum_server::from_tcp(listener).map_err(failed)?;
    let tls = tls.map(RustlsConfig::from_config);
    let mut plain = server
        .acceptor(NoDelayAcceptor::new())
        .handle(handle.clone())
        .first_request_timeout(HEAD)
        .http1_only()
        .accept_error_handler(|_, error| {
            tracing::debug!(kind = ?error.kind(), "a connection did not come about");
        });
    plain
        .http_builder()
        .http1()
        .header_read_timeout(HEAD)
        .max_buf_size(HEAD_BYTES);
    tokio::spawn(look_for_news(state.clone()));
    let task = match tls.clone() {
        Some(tls) => {
            let secure = plain.map(|plain| RustlsAcceptor::new(tls).acceptor(plain));
            tokio::spawn(secure.serve(service))
        }
        None => tokio::spawn(plain.serve(service)),
    };
    Ok(Serving {
        address,
        state,
        handle,
        tls,
        task,
    })
}

/// Other servers and commands beside this one write too: their changes are looked for as long as laptops wait for them.
async fn look_for_news(state: AppState) {
    const EACH: Duration = Duration::from_millis(500);
    let mut closing = state.closing();
    while !state.is_closing() {
        tokio::select! {
            () = tokio::time::sleep(EACH) => {}
            _ = closing.changed() => return,
        }
        if let Err(error) = state.engine.heads().look().await {
            tracing::warn!(error = %error, "the heads could not be read");
        }
    }
}

impl Serving {
    /// From now on new connections are shown this certificate.
    pub fn renew(&self, tls: Arc<ServerConfig>) {
        if let Some(current) = &self.tls {
            current.reload_from_config(tls);
        }
    }

    /// Takes no more connections, lets requests under way end, and returns when they have or their time is up.
    ///
    /// # Errors
    /// The listener's own.
    pub async fn stop(self) -> Result<()> {
        self.state.close();
        let patience = Duration::from_secs(self.state.config.shutdown_seconds);
        self.handle.graceful_shutdown(Some(patience));
        let address = self.address;
        self.task
            .await?
            .map_err(|source| Error::Listen { address, source })
    }
}
