//! Requests to the server: CBOR over HTTP and TLS, packed with zstd where that is worth it. Every answer is bounded in
//! time and size; what goes wrong is told apart as far as a person can do something about it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use reqwest::{Client, Method, Url, header, redirect};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{portal, trust};

const CBOR: &str = "application/cbor";
/// Smaller bodies are sent as they are.
const PACK_FROM: usize = 1024;
/// No answer is larger, unpacked: a page has at most 5,000 rows.
const LARGEST: usize = 64 << 20;
const CONNECT: Duration = Duration::from_secs(10);

#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// No address answers.
    #[error("no address of the server answers")]
    Offline,
    /// Something answers that is not the server: the log-in page of a guests' network, as a rule.
    #[error("something else answers in the server's place")]
    Portal,
    /// Whoever answers cannot show the certificate that is trusted.
    #[error("the certificate is not the one that is trusted")]
    Certificate,
    /// The server took too long, or the connection broke off.
    #[error("the connection broke off")]
    Cut,
    /// An address that would be asked without TLS and is not this machine's own.
    #[error("{0} is no address that is safe to ask")]
    Address(String),
    #[error("{status}: {code}")]
    Fault {
        status: u16,
        code: String,
        params: serde_json::Map<String, Json>,
    },
    /// An answer that this version cannot read.
    #[error("an answer that cannot be read")]
    Garbled,
}

impl LinkError {
    pub(crate) fn code(&self) -> &str {
        match self {
            Self::Offline => "offline",
            Self::Portal => "portal",
            Self::Certificate => "certificate",
            Self::Cut => "cut",
            Self::Address(_) => "address",
            Self::Fault { status, .. } if *status >= 500 && *status != 503 => "server",
            Self::Fault { code, .. } => code,
            Self::Garbled => "garbled",
        }
    }
}

type Result<T> = std::result::Result<T, LinkError>;

#[derive(Debug, Deserialize)]
struct FaultBody {
    code: String,
    #[serde(default)]
    params: serde_json::Map<String, Json>,
}

/// A request as it goes over the wire.
#[derive(Debug)]
pub(super) struct Body {
    plain: Vec<u8>,
    packed: Option<Vec<u8>>,
}

impl Body {
    pub(super) fn of(message: &impl Serialize) -> Result<Self> {
        let mut plain = Vec::new();
        ciborium::into_writer(message, &mut plain).map_err(|_| LinkError::Garbled)?;
        let packed = match plain.len() >= PACK_FROM {
            true => zstd::bulk::compress(&plain, 3).ok(),
            false => None,
        };
        Ok(Self { plain, packed })
    }
}

/// A way to one server, which may have several addresses.
#[derive(Debug)]
pub(crate) struct Link {
    client: Client,
    servers: Vec<Url>,
    /// The address that answered last.
    at: AtomicUsize,
    /// Where whoever answers in the server's place without TLS is looked for.
    pub(super) plain_port: u16,
}

impl Link {
    pub(crate) fn new(servers: &[String], fingerprint: Option<&str>) -> Result<Self> {
        trust::make_ready();
        let urls: Result<Vec<Url>> = servers.iter().map(|text| address(text)).collect();
        let mut client = Client::builder()
            .connect_timeout(CONNECT)
            .redirect(redirect::Policy::none())
            .pool_idle_timeout(Duration::from_secs(12))
            .tcp_keepalive(Duration::from_secs(20))
            .user_agent(concat!("ketu/", env!("CARGO_PKG_VERSION")));
        client = match fingerprint {
            Some(fingerprint) => {
                let tls = trust::pinned(fingerprint).map_err(|_| LinkError::Certificate)?;
                client.tls_backend_preconfigured(tls)
            }
            None => client,
        };
        let servers = urls?;
        if servers.is_empty() {
            return Err(LinkError::Address(String::new()));
        }
        // A server on this machine is asked directly, whatever proxy the system has.
        if servers.iter().all(is_loopback) {
            client = client.no_proxy();
        }
        Ok(Self {
            client: client.build().map_err(|_| LinkError::Certificate)?,
            servers,
            at: AtomicUsize::new(0),
            plain_port: 80,
        })
    }

    /// The address that answered last, or the first.
    pub(crate) fn server(&self) -> &Url {
        let at = self.at.load(Ordering::Relaxed);
        self.servers.get(at).unwrap_or(&self.servers[0])
    }

    pub(crate) async fn post<A: DeserializeOwned>(
        &self,
        path: &str,
        token: Option<&str>,
        body: &impl Serialize,
        patience: Duration,
    ) -> Result<A> {
        self.post_body(path, token, &Body::of(body)?, patience)
            .await
    }

    pub(super) async fn post_body<A: DeserializeOwned>(
        &self,
        path: &str,
        token: Option<&str>,
        body: &Body,
        patience: Duration,
    ) -> Result<A> {
        let answer = self.ask(Method::POST, path, token, Some(body), patience);
        read(&answer.await?)
    }

    pub(crate) async fn get<A: DeserializeOwned>(
        &self,
        path: &str,
        token: Option<&str>,
        patience: Duration,
    ) -> Result<A> {
        read(&self.ask(Method::GET, path, token, None, patience).await?)
    }

    /// As `post`, where the answer has no body.
    pub(crate) async fn tell(
        &self,
        path: &str,
        token: Option<&str>,
        body: &impl Serialize,
        patience: Duration,
    ) -> Result<()> {
        let body = Body::of(body)?;
        let answer = self.ask(Method::POST, path, token, Some(&body), patience);
        answer.await.map(drop)
    }

    /// Asks the address that answered last, then the others.
    async fn ask(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<&Body>,
        patience: Duration,
    ) -> Result<Vec<u8>> {
        let first = self.at.load(Ordering::Relaxed);
        let mut worst = LinkError::Offline;
        for step in 0..self.servers.len() {
            let at = (first + step) % self.servers.len();
            let Some(url) = self.servers.get(at).and_then(|url| url.join(path).ok()) else {
                continue;
            };
            let mut request = self
                .client
                .request(method.clone(), url)
                .header(header::ACCEPT, CBOR)
                .header(header::ACCEPT_ENCODING, "zstd")
                .timeout(patience);
            if let Some(token) = token {
                request = request.bearer_auth(token);
            }
            if let Some(Body { plain, packed }) = body {
                request = request.header(header::CONTENT_TYPE, CBOR);
                request = match packed {
                    Some(packed) => request
                        .header(header::CONTENT_ENCODING, "zstd")
                        .body(packed.clone()),
                    None => request.body(plain.clone()),
                };
            }
            match request.send().await {
                Ok(response) => {
                    self.at.store(at, Ordering::Relaxed);
                    return taken(response).await;
                }
                // Whether it arrived is unknown; what is sent twice is taken once.
                Err(error) if !error.is_connect() => return Err(LinkError::Cut),
                Err(error) if is_certificate(&error) => worst = LinkError::Certificate,
                Err(_) => {}
            }
        }
        if portal::answers_for(self.server(), self.plain_port).await {
            return Err(LinkError::Portal);
        }
        Err(worst)
    }
}

/// `https`, or `http` on this machine: where a proxy does TLS, and in tests.
fn address(text: &str) -> Result<Url> {
    let no = || LinkError::Address(text.to_owned());
    let url = Url::parse(text.trim()).map_err(|_| no())?;
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        _ => Err(no()),
    }
}

pub(super) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let address: Option<std::net::IpAddr> = bare.parse().ok();
    host == "localhost" || address.is_some_and(|address| address.is_loopback())
}

fn is_certificate(error: &reqwest::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return matches!(
                tls,
                rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented
            );
        }
        // An I/O error names what it wraps in `get_ref` only.
        cause = match error.downcast_ref::<std::io::Error>() {
            Some(io) => io
                .get_ref()
                .map(|inner| inner as &(dyn std::error::Error + 'static))
                .or_else(|| error.source()),
            None => error.source(),
        };
    }
    false
}

async fn taken(mut response: reqwest::Response) -> Result<Vec<u8>> {
    let status = response.status();
    let is = |name, value: &str| {
        response
            .headers()
            .get(name)
            .is_some_and(|given| given.as_bytes().starts_with(value.as_bytes()))
    };
    let (cbor, packed) = (
        is(header::CONTENT_TYPE, CBOR),
        is(header::CONTENT_ENCODING, "zstd"),
    );
    if status == reqwest::StatusCode::NO_CONTENT {
        return Ok(Vec::new());
    }
    if !cbor {
        // A proxy before the server answers in its own words when it cannot reach it.
        return Err(if status.is_server_error() {
            LinkError::Offline
        } else {
            LinkError::Portal
        });
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| LinkError::Cut)? {
        if bytes.len() + chunk.len() > LARGEST {
            return Err(LinkError::Garbled);
        }
        bytes.extend_from_slice(&chunk);
    }
    if packed {
        bytes = unpacked(&bytes)?;
    }
    if status.is_success() {
        return Ok(bytes);
    }
    let FaultBody { code, params } = read(&bytes)?;
    Err(LinkError::Fault {
        status: status.as_u16(),
        code,
        params,
    })
}

fn unpacked(packed: &[u8]) -> Result<Vec<u8>> {
    use std::io::Read;
    let decoder = zstd::stream::read::Decoder::with_buffer(packed);
    let mut decoder = decoder
        .map_err(|_| LinkError::Garbled)?
        .take(LARGEST as u64);
    let mut bytes = Vec::new();
    let read = decoder.read_to_end(&mut bytes);
    // A server that breaks off within a frame broke off.
    read.map_err(|_| LinkError::Cut)?;
    if bytes.len() >= LARGEST {
        return Err(LinkError::Garbled);
    }
    Ok(bytes)
}

fn read<A: DeserializeOwned>(bytes: &[u8]) -> Result<A> {
    ciborium::from_reader(bytes).map_err(|_| LinkError::Garbled)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_tls_leaves_this_machine() {
        for good in [
            "https://crm.example.com:8443",
            "http://127.0.0.1:80",
            "http://[::1]:1",
            "http://localhost:9",
        ] {
            assert!(address(good).is_ok(), "{good}");
        }
        for bad in [
            "http://crm.example.com",
            "ftp://127.0.0.1",
            "crm",
            "http://127.0.0.1.example.com",
        ] {
            assert!(matches!(address(bad), Err(LinkError::Address(_))), "{bad}");
        }
    }

    #[test]
    fn an_answer_that_unpacks_without_end_is_cut_at_the_limit() {
        let bomb = zstd::bulk::compress(&vec![0; LARGEST + 1], 19).unwrap();
        assert!(matches!(unpacked(&bomb), Err(LinkError::Garbled)));
        let fits = zstd::bulk::compress(&[7; 100], 3).unwrap();
        assert_eq!(unpacked(&fits).unwrap(), [7; 100]);
        assert!(matches!(
            unpacked(&fits[..fits.len() - 4]),
            Err(LinkError::Cut)
        ));
    }
}
