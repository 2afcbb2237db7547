//! What can go wrong below the repositories. Causes are kept; a message never repeats a value of a row:
//! PostgreSQL puts those into the details of its errors, so only its code and constraint are shown.

use std::path::PathBuf;

use tokio_postgres::error::SqlState;

#[derive(Debug, thiserror::Error)]
pub enum DbError {
    #[error("sqlite: {0}")]
    Sqlite(#[from] rusqlite::Error),
    #[error("postgresql: {}", state_of(.0))]
    Postgres(#[from] tokio_postgres::Error),
    #[error("no connection to postgresql")]
    Pool(#[from] deadpool_postgres::PoolError),
    #[error("the database's address is not understood")]
    Address(#[source] tokio_postgres::Error),
    #[error("{action} {path}: {source}")]
    Io {
        action: &'static str,
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("a statement and its values disagree about parameter {0}")]
    Parameter(&'static str),
    #[error("a row does not hold the column {0} as expected")]
    Column(&'static str),
    #[error("a column of the type {0} is not of the subset both engines share")]
    Type(String),
    #[error("a row that must exist is missing")]
    NoRow,
    #[error("the schema was written by a newer version ({found} > {known})")]
    Newer { found: i64, known: i64 },
    #[error("the file is not one of this server's")]
    Foreign,
    #[error("the database's worker ended before its work")]
    Worker(#[source] tokio::task::JoinError),
    #[error("the file is in use")]
    InUse,
    #[error("the database is closing")]
    Closing,
}

pub type Result<T, E = DbError> = std::result::Result<T, E>;

impl DbError {
    pub(crate) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }

    /// Whether the same transaction, run again, may well succeed.
    pub fn is_transient(&self) -> bool {
        let Self::Postgres(error) = self else {
            return false;
        };
        matches!(
            error.code(),
            Some(&SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED)
        )
    }

    /// Whether the database's disk is full.
    pub fn is_full(&self) -> bool {
        match self {
            Self::Sqlite(error) => error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull),
            Self::Postgres(error) => error.code() == Some(&SqlState::DISK_FULL),
            _ => false,
        }
    }

    /// Whether a row with the same key stood there already.
    pub fn is_duplicate(&self) -> bool {
        match self {
            Self::Sqlite(rusqlite::Error::SqliteFailure(error, _)) => matches!(
                error.extended_code,
                rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE
                    | rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY
            ),
            Self::Postgres(error) => error.code() == Some(&SqlState::UNIQUE_VIOLATION),
            _ => false,
        }
    }

    /// Whether two servers made the same table at once, which PostgreSQL answers with one of these.
    pub(super) fn is_made_meanwhile(&self) -> bool {
        let Self::Postgres(error) = self else {
            return false;
        };
        matches!(
            error.code(),
            Some(
                &SqlState::UNIQUE_VIOLATION
                    | &SqlState::DUPLICATE_TABLE
                    | &SqlState::DUPLICATE_OBJECT
            )
        )
    }
}

fn state_of(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(fault) => match fault.constraint() {
            Some(constraint) => format!("{} ({constraint})", fault.code().code()),
            None => fault.code().code().to_owned(),
        },
        None if error.is_closed() => "the connection is closed".to_owned(),
        None => "the connection failed".to_owned(),
    }
}
