//! What can go wrong in the store. Causes are kept; nothing personal is written into a message.

use std::path::PathBuf;

use ketu_model::validate::FieldError;
use uuid::Uuid;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("database: {0}")]
    Sqlite(#[from] rusqlite::Error),
    #[error("{action} {path}: {source}")]
    Io {
        action: &'static str,
        path: PathBuf,
        source: std::io::Error,
    },
    /// The edit is not valid; nothing was written.
    #[error("{} fields are not valid", .0.len())]
    Invalid(Vec<FieldError>),
    #[error("no {entity} {id}")]
    NotFound { entity: String, id: Uuid },
    #[error("unknown entity {0}")]
    UnknownEntity(String),
    #[error("unknown field {field} of {entity}")]
    UnknownField { entity: String, field: String },
    #[error("a value in the file does not have the shape of {entity}.{field}")]
    Malformed { entity: String, field: String },
    #[error("nothing to undo")]
    NothingToUndo,
    #[error("nothing to redo")]
    NothingToRedo,
    /// The step that was named is none that this laptop can take back: nothing that it changed is here any more.
    #[error("the records of the step are not on this laptop any more")]
    StepGone,
    #[error("cancelled")]
    Cancelled,
    #[error("the backup {0} does not open or is not whole")]
    BadBackup(String),
    #[error("key: {0}")]
    Key(#[from] crate::file::KeyError),
}

/// Why a data folder could not be opened; each has its own page and its own way on.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("there is no file yet")]
    Absent,
    #[error("the key is not in the key store: the recovery key opens the file")]
    Locked,
    #[error("that key does not open this file")]
    WrongKey,
    #[error("the folder is held by {owner}")]
    InUse { owner: String },
    #[error("the file is damaged")]
    Damaged,
    #[error("the file was written by a newer version ({found} > {known})")]
    Newer { found: i64, known: i64 },
    #[error("the file is not one of Ketu's")]
    Foreign,
    #[error("the file is not encrypted")]
    Plaintext,
    #[error("the database library came without encryption")]
    NoCipher,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl StoreError {
    pub fn io(
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

    /// Whether the file itself is to blame, so that a backup is the way back.
    pub fn is_damage(&self) -> bool {
        matches!(
            self.sqlite_code(),
            Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase)
        )
    }

    pub fn is_disk_full(&self) -> bool {
        let full = |e: &std::io::Error| e.kind() == std::io::ErrorKind::StorageFull;
        matches!(self.sqlite_code(), Some(rusqlite::ErrorCode::DiskFull))
            || matches!(self, Self::Io { source, .. } if full(source))
    }

    fn sqlite_code(&self) -> Option<rusqlite::ErrorCode> {
        match self {
            Self::Sqlite(error) => error.sqlite_error_code(),
            _ => None,
        }
    }
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        match StoreError::Sqlite(error) {
            error if error.is_damage() => Self::Damaged,
            error => Self::Store(error),
        }
    }
}

pub type Result<T, E = StoreError> = std::result::Result<T, E>;
