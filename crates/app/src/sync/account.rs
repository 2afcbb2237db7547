//! The account that this laptop has at a server, and the tokens that come with it. It is kept sealed beside the file,
//! where no backup has it (docs/adr/0010).

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer, SigningKey};
use ketu_store::Store;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::desk::Reach;
use super::link::{Link, LinkError};
use crate::api::sync::SyncAccount;
use crate::error::{AppError, Result};

const SECRET: &str = "account";
const PATIENCE: Duration = Duration::from_secs(30);
/// An access token is replaced when it is good for less than this.
const MARGIN: Duration = Duration::from_secs(60);

/// What an administrator hands over: `ketu1_` and base64url of JSON.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Invitation {
    pub v: u32,
    pub servers: Vec<String>,
    /// SHA-256 of the certificate to trust, in hexadecimal.
    pub fingerprint: Option<String>,
    pub org: Uuid,
    pub login: String,
    pub code: String,
}

impl Invitation {
    /// Also where a chat program broke the line, or the command around it was pasted along.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let joined: String = text.split_whitespace().collect();
        let start = joined.find("ketu1_");
        let start = start.ok_or_else(|| AppError::refused("invitation_unreadable"))?;
        let body = joined.get(start + 6..).unwrap_or_default();
        let bytes = URL_SAFE_NO_PAD.decode(body.trim_end_matches('='));
        let read = bytes
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let invitation: Self = read.ok_or_else(|| AppError::refused("invitation_unreadable"))?;
        if invitation.v != 1 {
            return Err(AppError::refused("invitation_newer"));
        }
        let is_digest =
            |text: &String| text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
        if invitation.servers.is_empty() || !invitation.fingerprint.iter().all(is_digest) {
            return Err(AppError::refused("invitation_unreadable"));
        }
        Ok(invitation)
    }
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Account {
    pub servers: Vec<String>,
    pub fingerprint: Option<String>,
    pub org: Uuid,
    pub login: String,
    pub user: Uuid,
    pub device: Uuid,
    /// The seed of this laptop's Ed25519 key.
    seed: [u8; 32],
    refresh: String,
    /// The access token that came last. With it a laptop that was shut out says what it still has to say, whatever its time (§7.4).
    #[serde(default)]
    access: String,
    #[serde(default)]
    pub role: Option<String>,
    /// Whether work is exchanged: before, no record is sent.
    pub joined: bool,
    /// Customers that become one with the company's own after the first session: own and theirs.
    #[serde(default)]
    pub merges: Vec<(Uuid, Uuid)>,
    /// The organisation's Ed25519 public key, which signs orders to this laptop.
    #[serde(default)]
    pub org_key: Option<[u8; 32]>,
    /// Days without the server after which this laptop shows nothing until it was heard again; 0 for never.
    #[serde(default)]
    pub lock_after_days: u32,
    /// When the server last knew this laptop, by this laptop's clock; 0 where nobody noted it.
    #[serde(default)]
    pub heard_at: i64,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account")
            .field("user", &self.user)
            .field("device", &self.device)
            .field("joined", &self.joined)
            .finish_non_exhaustive()
    }
}

/// Bytes as CBOR has them.
struct Octets<'a>(&'a [u8]);

impl Serialize for Octets<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(self.0)
    }
}

#[derive(Serialize)]
struct EnrolBody<'a> {
    org: Uuid,
    login: &'a str,
    password: &'a str,
    invitation: Option<&'a str>,
    public_key: Octets<'a>,
    device_name: &'a str,
    refresh: Option<&'a str>,
}

#[derive(Deserialize)]
struct Enrolled {
    user: Uuid,
    device: Uuid,
    tokens: Tokens,
}

#[derive(Deserialize)]
struct Tokens {
    access: String,
    refresh: String,
    access_until: i64,
    now: i64,
}

#[derive(Serialize)]
struct RefreshBody<'a> {
    refresh: &'a str,
    signature: Octets<'a>,
}

/// What the server says of the user.
#[derive(Debug, Deserialize)]
struct Me {
    role: String,
    #[serde(default)]
    org_key: Option<OrgKey>,
    #[serde(default)]
    lock_after_days: u32,
}

/// 32 bytes, as CBOR has them.
#[derive(Debug)]
struct OrgKey([u8; 32]);

impl<'de> Deserialize<'de> for OrgKey {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = OrgKey;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("32 bytes")
            }
            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<OrgKey, E> {
                let bytes = bytes.try_into();
                bytes.map(OrgKey).map_err(|_| E::custom("another length"))
            }
        }
        from.deserialize_bytes(Bytes)
    }
}

/// Of an Ed25519 key.
fn fresh_seed() -> Result<Zeroizing<[u8; 32]>, LinkError> {
    let mut seed = Zeroizing::new([0; 32]);
    getrandom::fill(seed.as_mut()).map_err(|_| LinkError::Garbled)?;
    Ok(seed)
}

impl Account {
    #[cfg(test)]
    pub(super) fn of_test(org: Uuid, device: Uuid, org_key: [u8; 32]) -> Self {
        Self {
            servers: Vec::new(),
            fingerprint: None,
            org,
            login: String::new(),
            user: Uuid::nil(),
            device,
            seed: [0; 32],
            refresh: String::new(),
            access: String::new(),
            role: None,
            joined: true,
            merges: Vec::new(),
            org_key: Some(org_key),
            lock_after_days: 30,
            heard_at: 0,
        }
    }

    pub(super) fn load(store: &Store) -> Result<Option<Self>> {
        let secret = store.secret(SECRET)?;
        Ok(secret.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    pub(super) fn keep(&self, store: &Store) -> Result<()> {
        let bytes = Zeroizing::new(serde_json::to_vec(self).expect("an account is plain data"));
        Ok(store.keep_secret(SECRET, &bytes)?)
    }

    pub(super) fn forget(store: &Store) -> Result<()> {
        Ok(store.forget_secret(SECRET)?)
    }

    pub(super) fn link(&self) -> Result<Link, LinkError> {
        Link::new(&self.servers, self.fingerprint.as_deref())
    }

    /// Comes in by an invitation, with a password that is chosen now.
    pub(super) async fn enrol(
        link: &Link,
        invitation: &Invitation,
        password: &str,
    ) -> Result<(Self, Access), LinkError> {
        let seed = fresh_seed()?;
        let mut account = Self {
            servers: invitation.servers.clone(),
            fingerprint: invitation.fingerprint.clone(),
            org: invitation.org,
            login: invitation.login.clone(),
            user: Uuid::nil(),
            device: Uuid::nil(),
            seed: *seed,
            refresh: String::new(),
            access: String::new(),
            role: None,
            joined: false,
            merges: Vec::new(),
            org_key: None,
            lock_after_days: 0,
            heard_at: 0,
        };
        let access = account
            .come_in(link, password, Some(&invitation.code))
            .await?;
        Ok((account, access))
    }

    /// Whether an invitation led to this account.
    pub(super) fn is_of(&self, invitation: &Invitation) -> bool {
        self.org == invitation.org && self.login == invitation.login
    }

    /// Whether both are the same laptop's, on the same way to the same server.
    pub(super) fn is_reached_as(&self, other: &Self) -> bool {
        (self.org, self.device) == (other.org, other.device)
            && (&self.servers, &self.fingerprint) == (&other.servers, &other.fingerprint)
    }

    /// Takes up another invitation of the person whose account this is: the server may have got other addresses or another
    /// certificate, but it has to show by one of the two that it is the same.
    pub(super) fn take_up(&mut self, invitation: &Invitation) -> Result<()> {
        if self.org != invitation.org {
            return Err(AppError::refused("invitation_other_org"));
        }
        let address = |server: &String| server.trim_end_matches('/').to_ascii_lowercase();
        let known: Vec<String> = self.servers.iter().map(address).collect();
        let same_address = invitation
            .servers
            .iter()
            .map(address)
            .any(|server| known.contains(&server));
        let same_certificate = match (&self.fingerprint, &invitation.fingerprint) {
            (Some(mine), Some(named)) => mine.eq_ignore_ascii_case(named),
            _ => false,
        };
        if !same_address && !same_certificate {
            return Err(AppError::refused("invitation_other_server"));
        }
        if self.login != invitation.login {
            return Err(AppError::refused("invitation_other_person"));
        }
        self.servers = invitation.servers.clone();
        self.fingerprint = invitation.fingerprint.clone();
        Ok(())
    }

    /// Comes in again with the password, or with one that is chosen now by the code of an invitation. The same key makes
    /// the server know the device again; where another laptop lives under it, one of the two is a copy, and this one goes on
    /// as a device of its own.
    pub(super) async fn log_in(
        &mut self,
        link: &Link,
        password: &str,
        code: Option<&str>,
    ) -> Result<Access, LinkError> {
        match self.come_in(link, password, code).await {
            Err(LinkError::Fault { code: fault, .. }) if fault == "taken" => {
                self.seed = *fresh_seed()?;
                self.refresh.clear();
                self.come_in(link, password, code).await
            }
            answer => answer,
        }
    }

    async fn come_in(
        &mut self,
        link: &Link,
        password: &str,
        code: Option<&str>,
    ) -> Result<Access, LinkError> {
        let key = SigningKey::from_bytes(&self.seed);
        let public_key = key.verifying_key().to_bytes();
        let body = EnrolBody {
            org: self.org,
            login: &self.login,
            password,
            invitation: code,
            public_key: Octets(&public_key),
            device_name: &device_name(),
            refresh: Some(self.refresh.as_str()).filter(|token| !token.is_empty()),
        };
        let enrolled: Enrolled = link.post("/v1/enrol", None, &body, PATIENCE).await?;
        self.user = enrolled.user;
        self.device = enrolled.device;
        let access = Access::of(&enrolled.tokens);
        self.refresh = enrolled.tokens.refresh;
        self.access.clone_from(&access.token);
        self.ask_me(link, &access).await?;
        Ok(access)
    }

    async fn ask_me(&mut self, link: &Link, access: &Access) -> Result<(), LinkError> {
        let me: Me = link.get("/v1/me", Some(&access.token), PATIENCE).await?;
        self.role = Some(me.role);
        self.lock_after_days = me.lock_after_days;
        // The first key that was heard counts: who takes a server over later cannot order anything under another.
        if self.org_key.is_none() {
            self.org_key = me.org_key.map(|key| key.0);
        }
        Ok(())
    }

    /// The next token. A new refresh token is on disk before the pair is used: until then the server
    /// takes the old one again.
    pub(super) async fn access(&mut self, store: &Store, link: &Link) -> Result<Access, Denied> {
        let key = SigningKey::from_bytes(&self.seed);
        let message = [b"ketu/refresh/1\0", self.refresh.as_bytes()].concat();
        let signature = key.sign(&message).to_bytes();
        let body = RefreshBody {
            refresh: &self.refresh,
            signature: Octets(&signature),
        };
        let tokens: Tokens = link.post("/v1/token", None, &body, PATIENCE).await?;
        let access = Access::of(&tokens);
        self.refresh = tokens.refresh;
        self.access.clone_from(&access.token);
        self.keep(store)?;
        self.ask_me(link, &access).await?;
        self.heard_at = store.clock().now();
        self.keep(store)?;
        Ok(access)
    }

    pub(super) fn last_token(&self) -> &str {
        &self.access
    }

    pub(super) fn reach(&self) -> Reach {
        Reach {
            heard_at: self.heard_at,
            lock_after_days: self.lock_after_days,
        }
    }

    pub(super) fn view(&self) -> SyncAccount {
        SyncAccount {
            server: self.servers.first().cloned().unwrap_or_default(),
            login: self.login.clone(),
            user: self.user,
            role: self.role.clone(),
        }
    }
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub(super) enum Denied {
    #[error(transparent)]
    Link(#[from] LinkError),
    /// It could not be kept.
    #[error(transparent)]
    App(#[from] AppError),
}

impl From<Denied> for AppError {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Link(error) => Self::Link(error),
            Denied::App(error) => error,
        }
    }
}

/// An access token, and until when it is good by this machine's own count of time.
#[derive(Clone)]
pub(super) struct Access {
    pub token: String,
    until: Instant,
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Access(hidden)")
    }
}

impl Access {
    /// Whether it is good for a while.
    pub(super) fn is_good(&self) -> bool {
        self.until.saturating_duration_since(Instant::now()) > MARGIN
    }

    fn of(tokens: &Tokens) -> Self {
        let left = u64::try_from(tokens.access_until - tokens.now).unwrap_or(0);
        Self {
            token: tokens.access.clone(),
            until: Instant::now() + Duration::from_millis(left.min(86_400_000)),
        }
    }
}

/// What administrators see of this laptop.
fn device_name() -> String {
    let name = ["COMPUTERNAME", "HOSTNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok())
        .or_else(|| std::fs::read_to_string("/etc/hostname").ok());
    let name = name.unwrap_or_default();
    let plain: String = name.chars().filter(|c| !c.is_control()).take(100).collect();
    match plain.trim() {
        "" => "laptop".to_owned(),
        plain => plain.to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(super) mod tests {
    use std::sync::{Arc, Mutex};

    use ketu_model::clock::{Clock, FixedClock};
    use ketu_store::file::{KeyError, KeySource};
    use serde_json::json;

    use super::*;
    use crate::api::dispatch::registry;
    use crate::app::{App, Options};

    /// 2026-11-23 10:00 in China.
    pub(in crate::sync) const NOW: i64 = 1_795_399_200_000;
    const DAY: i64 = 24 * 3_600_000;

    #[derive(Debug, Default)]
    pub(in crate::sync) struct OneKey(Mutex<Option<[u8; 32]>>);

    impl KeySource for OneKey {
        fn kind(&self) -> &'static str {
            "keyring"
        }
        fn load(&self, _: Uuid) -> std::result::Result<Option<Zeroizing<[u8; 32]>>, KeyError> {
            Ok(self.0.lock().unwrap().map(Zeroizing::new))
        }
        fn save(&self, _: Uuid, key: &[u8; 32]) -> std::result::Result<(), KeyError> {
            *self.0.lock().unwrap() = Some(*key);
            Ok(())
        }
    }

    #[test]
    fn out_of_reach_for_too_long_nothing_is_shown_and_nothing_is_lost() {
        // docs/sync-protocol.md §7.5
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(FixedClock::at(NOW));
        let keys = Arc::new(OneKey::default());
        let start = || {
            let mut options = Options::new(dir.path(), "no-worker");
            options.clock = Arc::<FixedClock>::clone(&clock);
            options.keys = Some(Arc::<OneKey>::clone(&keys));
            App::start(options)
        };
        let app = start();
        let ok = |app: &App, method, params| app.dispatch(method, params).unwrap();
        ok(
            &app,
            "set_up",
            json!({ "name": "张伟", "language": "zh-CN" }),
        );
        let fields = json!({ "entity": "customer", "fields": { "name": "华东精密" } });
        let id = ok(&app, "add", fields)["id"].clone();
        let mut account = Account::of_test(Uuid::from_u128(1), Uuid::from_u128(2), [0; 32]);
        account.heard_at = NOW;
        account.keep(&app.session().unwrap().store).unwrap();
        app.stop();
        let app = start();
        let get = json!({ "entity": "customer", "id": id });
        clock.advance(30 * DAY);
        ok(&app, "get", get.clone());
        clock.advance(1);
        let state = |app: &App| ok(app, "status", json!({}))["state"].clone();
        let locked = json!({ "name": "out_of_reach", "since": NOW, "days": 30 });
        assert_eq!(state(&app), locked);
        for entry in registry() {
            let told = app.dispatch(entry.name, get.clone());
            let is_refused = told.is_err_and(|error| error.code == "out_of_reach");
            let may = ["status", "update_settings"].contains(&entry.name)
                || entry.name.starts_with("sync_");
            assert!(is_refused || may, "{}", entry.name);
        }
        // Not by another start either, but by an answer of the server.
        app.stop();
        let app = start();
        assert_eq!(state(&app), locked);
        account.heard_at = clock.now();
        app.desk().set_reach(account.reach());
        assert_eq!(state(&app), json!({ "name": "ready" }));
        assert_eq!(ok(&app, "get", get)["fields"]["name"], "华东精密");
        app.stop();
    }

    fn text(content: &serde_json::Value) -> String {
        format!("ketu1_{}", URL_SAFE_NO_PAD.encode(content.to_string()))
    }

    #[test]
    fn a_server_that_moved_or_has_another_certificate_is_the_same_by_what_it_kept() {
        let invitation = |server: &str, fingerprint: Option<&str>| Invitation {
            v: 1,
            servers: vec![server.to_owned()],
            fingerprint: fingerprint.map(str::to_owned),
            org: Uuid::from_u128(1),
            login: "zhang".to_owned(),
            code: String::new(),
        };
        let taken = |new: &Invitation| {
            let mut account = Account::of_test(Uuid::from_u128(1), Uuid::nil(), [0; 32]);
            account.login = "zhang".to_owned();
            account.servers = vec!["https://crm.example.com:8443/".to_owned()];
            account.fingerprint = Some("ab".repeat(32));
            let taken = account.take_up(new).map(|()| account.servers.clone());
            taken.map_err(|error| error.to_string())
        };
        let (same, other) = ("AB".repeat(32), "cd".repeat(32));
        let moved = invitation("https://new.example.com", Some(&same));
        assert_eq!(taken(&moved), Ok(moved.servers.clone()));
        let renewed = invitation("https://CRM.example.com:8443", Some(&other));
        assert_eq!(taken(&renewed), Ok(renewed.servers.clone()));
        let foreign = invitation("https://new.example.com", Some(&other));
        assert_eq!(taken(&foreign), Err("invitation_other_server".to_owned()));
        let nameless = invitation("https://new.example.com", None);
        assert_eq!(taken(&nameless), Err("invitation_other_server".to_owned()));
    }

    #[test]
    fn an_invitation_survives_a_chat_and_nothing_else_is_one() {
        let content = json!({
            "v": 1, "servers": ["https://127.0.0.1:1"], "fingerprint": "ab".repeat(32),
            "org": Uuid::from_u128(7), "login": "zhang", "code": "7KQ2-9XDM-40TR",
        });
        let whole = text(&content);
        let read = Invitation::parse(&whole).unwrap();
        assert_eq!(read.login, "zhang");
        let broken = format!("  ketu join {}\n  {} ", &whole[..40], &whole[40..]);
        assert_eq!(Invitation::parse(&broken).unwrap(), read);
        let mut newer = content.clone();
        newer["v"] = json!(2);
        let mut weak = content.clone();
        weak["fingerprint"] = json!("abcd");
        let mut nowhere = content;
        nowhere["servers"] = json!([]);
        for (bad, code) in [
            (text(&newer), "invitation_newer"),
            (text(&weak), "invitation_unreadable"),
            (text(&nowhere), "invitation_unreadable"),
            (whole[..50].to_owned(), "invitation_unreadable"),
            ("hello".to_owned(), "invitation_unreadable"),
        ] {
            let refused = Invitation::parse(&bad).unwrap_err();
            assert_eq!(refused.to_string(), code, "{bad}");
        }
    }
}
