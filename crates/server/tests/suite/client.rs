//! The plainest HTTP client there is, and a laptop that uses it.

use std::collections::HashMap;
use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer, SigningKey};
use ketu_server::accounts::{Invitation, refresh_message};
use serde_json::{Value as Json, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

pub const PASSWORD: &str = "correct horse battery";

#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HashMap<String, String>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn json(&self) -> Json {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&self.body)))
    }

    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap().to_owned()
    }
}

/// A request as bytes, and its answer; one connection each.
pub async fn exchange(stream: impl AsyncRead + AsyncWrite + Unpin, request: &[u8]) -> Reply {
    try_exchange(stream, request).await.expect("a head")
}

/// `None` where the server ended without an answer.
async fn try_exchange(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    request: &[u8],
) -> Option<Reply> {
    // A server that has refused already may close before it has read all.
    let _ = stream.write_all(request).await;
    try_read_reply(stream).await
}

pub async fn read_reply(stream: impl AsyncRead + Unpin) -> Reply {
    try_read_reply(stream).await.expect("a head")
}

async fn try_read_reply(mut stream: impl AsyncRead + Unpin) -> Option<Reply> {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    let end = bytes.windows(4).position(|w| w == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap();
    let headers: HashMap<String, String> = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let body = bytes[end + 4..].to_vec();
    let said = headers
        .get("content-length")
        .map(|said| said.parse::<usize>().unwrap());
    if said.is_some_and(|said| body.len() < said) {
        return None;
    }
    Some(Reply {
        status: status.parse().unwrap(),
        headers,
        body,
    })
}

pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: ketu\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() {
        head.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    head.push_str("\r\n");
    [head.as_bytes(), body].concat()
}

pub async fn send(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Reply {
    let stream = TcpStream::connect(address).await.unwrap();
    exchange(stream, &request(method, path, headers, body)).await
}

/// `None` where nobody answers, or not to the end.
pub async fn try_send(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Option<Reply> {
    let stream = TcpStream::connect(address).await.ok()?;
    try_exchange(stream, &request(method, path, headers, body)).await
}

/// A laptop with a key; it speaks JSON.
#[derive(Debug)]
pub struct Laptop {
    pub address: SocketAddr,
    pub key: SigningKey,
    pub org: String,
    pub login: String,
    pub device: String,
    pub user: String,
    pub access: String,
    pub refresh: String,
}

impl Laptop {
    pub fn new(address: SocketAddr, invitation: &Invitation) -> Self {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).unwrap();
        Self {
            address,
            key: SigningKey::from_bytes(&seed),
            org: invitation.org.to_string(),
            login: invitation.login.clone(),
            device: String::new(),
            user: String::new(),
            access: String::new(),
            refresh: String::new(),
        }
    }

    /// Enrols by the invitation; the password becomes [`PASSWORD`].
    pub async fn join(address: SocketAddr, invitation: &Invitation) -> Self {
        let mut laptop = Self::new(address, invitation);
        let reply = laptop.enrol(PASSWORD, Some(invitation.code.expose())).await;
        assert_eq!(reply.status, 200, "{}", reply.json());
        laptop
    }

    pub async fn enrol(&mut self, password: &str, code: Option<&str>) -> Reply {
        let body = json!({
            "org": self.org, "login": self.login, "password": password, "invitation": code,
            "public_key": STANDARD.encode(self.key.verifying_key().as_bytes()), "device_name": "ThinkPad",
            "refresh": (!self.refresh.is_empty()).then_some(&self.refresh),
        });
        let reply = self.post("/v1/enrol", &body).await;
        if reply.status == 200 {
            let answer = reply.json();
            let text = |json: &Json| json.as_str().unwrap().to_owned();
            self.device = text(&answer["device"]);
            self.user = text(&answer["user"]);
            self.access = text(&answer["tokens"]["access"]);
            self.refresh = text(&answer["tokens"]["refresh"]);
        }
        reply
    }

    /// Sends a refresh token, signed; keeps the new pair.
    pub async fn refresh_with(&mut self, token: &str) -> Reply {
        let reply = self.refresh_signed_by(&self.key, token).await;
        if reply.status == 200 {
            let answer = reply.json();
            self.access = answer["access"].as_str().unwrap().to_owned();
            self.refresh = answer["refresh"].as_str().unwrap().to_owned();
        }
        reply
    }

    pub async fn refresh_signed_by(&self, key: &SigningKey, token: &str) -> Reply {
        let signature = key.sign(&refresh_message(token)).to_bytes();
        let body = json!({ "refresh": token, "signature": STANDARD.encode(signature) });
        self.post("/v1/token", &body).await
    }

    pub async fn post(&self, path: &str, body: &Json) -> Reply {
        self.call("POST", path, Some(body)).await
    }

    pub async fn call(&self, method: &str, path: &str, body: Option<&Json>) -> Reply {
        let bearer = format!("Bearer {}", self.access);
        let mut headers = vec![("accept", "application/json")];
        if !self.access.is_empty() {
            headers.push(("authorization", bearer.as_str()));
        }
        let body = body.map(Json::to_string).unwrap_or_default();
        if !body.is_empty() {
            headers.push(("content-type", "application/json"));
        }
        send(self.address, method, path, &headers, body.as_bytes()).await
    }

    pub async fn me(&self) -> Reply {
        self.call("GET", "/v1/me", None).await
    }
}
