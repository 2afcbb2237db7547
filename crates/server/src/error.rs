//! What the centre refuses and what fails in it. A refusal is the caller's to read; a failure is logged here and
//! answered as `internal`. Neither repeats what people typed.

use std::io::ErrorKind;

use crate::db::DbError;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Db(#[from] DbError),
    #[error("{action} {path}: {source}")]
    Io {
        action: &'static str,
        path: std::path::PathBuf,
        source: std::io::Error,
    },
    #[error("hashing a password: {0}")]
    Password(argon2::password_hash::Error),
    #[error("the system gives no random numbers: {0}")]
    Random(getrandom::Error),
    #[error("the certificate: {0}")]
    Certificate(#[from] crate::tls::CertificateError),
    #[error("a task ended before its work")]
    Task(#[from] tokio::task::JoinError),
    #[error("{0}")]
    Configuration(#[from] crate::config::ConfigError),
    #[error("listening on {address}: {source}")]
    Listen {
        address: std::net::SocketAddr,
        source: std::io::Error,
    },
    /// A command cannot be done here; the words say what to do instead.
    #[error("{0}")]
    Command(String),
    #[error("another ketu-server has the folder {0}")]
    FolderInUse(std::path::PathBuf),
    #[error("the audit chain does not hold at entry {0}")]
    AuditBroken(i64),
    #[error("the sums of {0} are not those of its rows")]
    SumsBroken(ketu_model::authorize::Scope),
    #[error("the content {0} is missing or another")]
    ContentBroken(std::path::PathBuf),
    #[error("{0} is not a whole database of this server")]
    Damaged(std::path::PathBuf),
    #[error("a handler panicked")]
    Panicked,
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Whether the disk, or the share of it that is ours, is full.
    pub fn is_full(&self) -> bool {
        match self {
            Self::Io { source, .. } => matches!(
                source.kind(),
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded
            ),
            Self::Db(error) => error.is_full(),
            _ => false,
        }
    }

    pub(crate) fn io(
        action: &'static str,
        path: impl Into<std::path::PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }
}

/// Why a request is not done. [`Refusal::code`] is what programs read; docs/sync-protocol.md names those of push and pull.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the body is not what this route takes: {0}")]
    Malformed(&'static str),
    #[error("bodies are application/cbor or application/json")]
    MediaType,
    #[error("content encodings are zstd and identity")]
    Encoding,
    #[error("more than {limit} bytes")]
    TooLarge { limit: u64 },
    #[error("nothing is here")]
    NoRoute,
    #[error("this address does not take that method")]
    Method,
    #[error("no {0} with this id")]
    NotFound(&'static str),
    #[error("no access token, or one that this server did not give")]
    Unauthenticated,
    #[error("the access token is past its time")]
    TokenExpired,
    #[error("this device has to log in again")]
    LoginRequired,
    #[error("this device or its user has been shut out")]
    Revoked,
    /// As [`Refusal::Revoked`], with the order to the device.
    #[error("this device or its user has been shut out")]
    ShutOut(Box<crate::accounts::Wipe>),
    #[error("login, password or code is wrong")]
    WrongLogin,
    #[error("this is not allowed to this user")]
    Forbidden,
    #[error("{field} is taken")]
    Taken { field: &'static str },
    #[error("{field}: {rule}")]
    Invalid {
        field: &'static str,
        rule: &'static str,
    },
    #[error("there is no more space for files")]
    NoSpace,
    #[error("too many tries")]
    RateLimited { retry_after: u64 },
    #[error("the server is busy")]
    Busy { retry_after: u64 },
    #[error("the request took too long")]
    Timeout,
}

impl Refusal {
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::MediaType => "media_type",
            Self::Encoding => "encoding",
            Self::TooLarge { .. } => "too_large",
            Self::NoRoute => "no_route",
            Self::Method => "method",
            Self::NotFound(_) => "not_found",
            Self::Unauthenticated => "unauthenticated",
            Self::TokenExpired => "token_expired",
            Self::LoginRequired => "login_required",
            Self::Revoked | Self::ShutOut(_) => "revoked",
            Self::WrongLogin => "wrong_login",
            Self::Forbidden => "forbidden",
            Self::Taken { .. } => "taken",
            Self::Invalid { .. } => "invalid",
            Self::NoSpace => "no_space",
            Self::RateLimited { .. } => "rate_limited",
            Self::Busy { .. } => "busy",
            Self::Timeout => "timeout",
        }
    }
}
