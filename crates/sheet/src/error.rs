//! Why a spreadsheet was refused, as codes that the window translates. No refusal repeats a
//! cell's content or a file's name.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Everything that can go wrong with a spreadsheet.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    #[error("the file is protected by a password")]
    PasswordProtected,
    #[error("the file is of a format older than Excel 5")]
    OldFormat,
    #[error("the file is not a spreadsheet")]
    NotASpreadsheet,
    #[error("the file is empty")]
    EmptyFile,
    /// `row` is the last row known to be whole, 0 where none is.
    #[error("the file is damaged after row {row}")]
    Damaged { row: u32 },
    #[error("the file is larger than {limit_mb} MB")]
    TooLarge { limit_mb: u64 },
    #[error("the sheet holds more than a table of {limit_mb} MB")]
    TooManyCells { limit_mb: u64 },
    #[error("the file unpacks to far more than it is")]
    ZipBomb,
    #[error("reading took longer than {seconds} s")]
    TimedOut { seconds: u64 },
    #[error("reading needed more than {limit_mb} MB of memory")]
    OutOfMemory { limit_mb: u64 },
    #[error("the reading process ended without an answer")]
    WorkerDied,
    #[error("the reading was cancelled")]
    Cancelled,
    #[error("the workbook has no sheet {sheet}")]
    SheetNotFound { sheet: u32 },
    #[error("the file could not be read or written")]
    Io(#[from] std::io::Error),
    #[error("the workbook could not be written")]
    Write(#[from] rust_xlsxwriter::XlsxError),
}

impl SheetError {
    /// The stable code that the edge answers with.
    pub fn code(&self) -> &'static str {
        match self {
            Self::PasswordProtected => "password_protected",
            Self::OldFormat => "old_format",
            Self::NotASpreadsheet => "not_a_spreadsheet",
            Self::EmptyFile => "empty_file",
            Self::Damaged { .. } => "damaged",
            Self::TooLarge { .. } => "too_large",
            Self::TooManyCells { .. } => "too_many_cells",
            Self::ZipBomb => "zip_bomb",
            Self::TimedOut { .. } => "timed_out",
            Self::OutOfMemory { .. } => "out_of_memory",
            Self::WorkerDied => "worker_died",
            Self::Cancelled => "cancelled",
            Self::SheetNotFound { .. } => "sheet_not_found",
            Self::Io(_) => "io",
            Self::Write(_) => "write_failed",
        }
    }

    /// What the code's sentence is filled with: a JSON object.
    pub fn params(&self) -> Value {
        match self {
            Self::Damaged { row } => json!({ "row": row }),
            Self::TooLarge { limit_mb }
            | Self::TooManyCells { limit_mb }
            | Self::OutOfMemory { limit_mb } => json!({ "limit_mb": limit_mb }),
            Self::TimedOut { seconds } => json!({ "seconds": seconds }),
            Self::SheetNotFound { sheet } => json!({ "sheet": sheet }),
            Self::Io(cause) => json!({ "kind": cause.kind().to_string() }),
            _ => json!({}),
        }
    }
}

/// A refusal as it crosses from the reading process to its parent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Refusal {
    PasswordProtected,
    OldFormat,
    NotASpreadsheet,
    EmptyFile,
    Damaged { row: u32 },
    TooLarge { limit_mb: u64 },
    ZipBomb,
    SheetNotFound { sheet: u32 },
    Io { os: Option<i32> },
}

impl From<SheetError> for Refusal {
    fn from(error: SheetError) -> Self {
        match error {
            SheetError::PasswordProtected => Self::PasswordProtected,
            SheetError::OldFormat => Self::OldFormat,
            SheetError::NotASpreadsheet => Self::NotASpreadsheet,
            SheetError::EmptyFile => Self::EmptyFile,
            SheetError::Damaged { row } => Self::Damaged { row },
            SheetError::TooLarge { limit_mb } => Self::TooLarge { limit_mb },
            SheetError::ZipBomb => Self::ZipBomb,
            SheetError::SheetNotFound { sheet } => Self::SheetNotFound { sheet },
            SheetError::Io(cause) => Self::Io {
                os: cause.raw_os_error(),
            },
            // The remaining kinds are the parent's own observations.
            SheetError::TooManyCells { .. }
            | SheetError::TimedOut { .. }
            | SheetError::OutOfMemory { .. }
            | SheetError::WorkerDied
            | SheetError::Cancelled
            | SheetError::Write(_) => Self::Damaged { row: 0 },
        }
    }
}

impl From<Refusal> for SheetError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::PasswordProtected => Self::PasswordProtected,
            Refusal::OldFormat => Self::OldFormat,
            Refusal::NotASpreadsheet => Self::NotASpreadsheet,
            Refusal::EmptyFile => Self::EmptyFile,
            Refusal::Damaged { row } => Self::Damaged { row },
            Refusal::TooLarge { limit_mb } => Self::TooLarge { limit_mb },
            Refusal::ZipBomb => Self::ZipBomb,
            Refusal::SheetNotFound { sheet } => Self::SheetNotFound { sheet },
            Refusal::Io { os } => Self::Io(os.map_or_else(
                || std::io::ErrorKind::Other.into(),
                std::io::Error::from_raw_os_error,
            )),
        }
    }
}
