//! Errors at the edge: every cause maps to a code, parameters and a field; the window translates.

use std::collections::BTreeMap;

use ketu_model::validate::FieldError;
use ketu_store::{OpenError, StoreError};
use serde::Serialize;
use ts_rs::TS;

use crate::sync::LinkError;

/// What a use could not do. Causes are kept for the log; people get the code.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Sheet(#[from] ketu_sheet::SheetError),
    #[error(transparent)]
    Link(#[from] LinkError),
    /// A refusal of Ketu's own, by its code.
    #[error("{code}")]
    Refused {
        code: &'static str,
        params: BTreeMap<String, String>,
        /// The field that is to blame, where it is one.
        field: Option<&'static str>,
    },
    #[error("parameters of {method}: {source}")]
    Params {
        method: String,
        source: serde_json::Error,
    },
    #[error("unknown method {0}")]
    UnknownMethod(String),
    #[error("{action}: {source}")]
    Io {
        action: &'static str,
        source: std::io::Error,
    },
}

pub type Result<T, E = AppError> = std::result::Result<T, E>;

impl AppError {
    pub fn refused(code: &'static str) -> Self {
        Self::Refused {
            code,
            params: BTreeMap::new(),
            field: None,
        }
    }

    /// A refusal that one field is to blame for.
    pub fn refused_field(code: &'static str, field: &'static str) -> Self {
        Self::Refused {
            code,
            params: BTreeMap::new(),
            field: Some(field),
        }
    }

    pub fn param(mut self, name: &str, value: impl ToString) -> Self {
        if let Self::Refused { params, .. } = &mut self {
            params.insert(name.to_owned(), value.to_string());
        }
        self
    }

    pub fn io(action: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { action, source }
    }
}

/// An error as every front door gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ApiError {
    pub code: String,
    pub params: BTreeMap<String, String>,
    /// The field that is to blame, where it is one.
    pub field: Option<String>,
    /// All fields that are not valid, when `code` is `invalid`.
    pub errors: Vec<ApiFieldError>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ApiFieldError {
    pub field: String,
    pub code: String,
    pub params: BTreeMap<String, String>,
}

impl ApiError {
    fn new(code: &str) -> Self {
        Self {
            code: code.to_owned(),
            params: BTreeMap::new(),
            field: None,
            errors: Vec::new(),
        }
    }

    fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.params.insert(name.to_owned(), value.to_string());
        self
    }
}

impl From<&FieldError> for ApiFieldError {
    fn from(error: &FieldError) -> Self {
        Self {
            field: error.field.to_string(),
            code: error.code.to_owned(),
            params: error
                .params
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
        }
    }
}

impl From<&AppError> for ApiError {
    fn from(error: &AppError) -> Self {
        match error {
            AppError::Store(error) => store_error(error),
            AppError::Open(error) => open_error(error),
            AppError::Sheet(error) => {
                // A damaged workbook is not a damaged data file: sheets have codes of their own.
                let mut out = Self::new(&format!("sheet_{}", error.code()));
                for (name, value) in error.params().as_object().into_iter().flatten() {
                    out.params.insert(
                        name.clone(),
                        value.as_str().map_or(value.to_string(), str::to_owned),
                    );
                }
                out
            }
            AppError::Refused {
                code,
                params,
                field,
            } => Self {
                params: params.clone(),
                field: field.map(str::to_owned),
                ..Self::new(code)
            },
            AppError::Link(error) => {
                let mut out = Self::new(&format!("sync_{}", error.code()));
                if let LinkError::Fault { params, .. } = error {
                    for (name, value) in params {
                        let text = value.as_str().map_or(value.to_string(), str::to_owned);
                        out.params.insert(name.clone(), text);
                    }
                }
                out
            }
            AppError::Params { method, .. } => Self::new("bad_request").with("method", method),
            AppError::UnknownMethod(method) => Self::new("unknown_method").with("method", method),
            AppError::Io { source, .. } => io_error(source),
        }
    }
}

fn store_error(error: &StoreError) -> ApiError {
    match error {
        error if error.is_disk_full() => ApiError::new("disk_full"),
        error if error.is_damage() => ApiError::new("damaged"),
        StoreError::Sqlite(_) => ApiError::new("database"),
        StoreError::Io { source, .. } => io_error(source),
        StoreError::Invalid(errors) => {
            let mut out = ApiError::new("invalid");
            out.field = errors.first().map(|error| error.field.to_string());
            out.errors = errors.iter().map(ApiFieldError::from).collect();
            out
        }
        StoreError::NotFound { entity, .. } => ApiError::new("not_found").with("entity", entity),
        StoreError::UnknownEntity(entity) => ApiError::new("unknown_entity").with("entity", entity),
        StoreError::UnknownField { entity, field } => {
            let mut out = ApiError::new("unknown_field").with("entity", entity);
            out.field = Some(field.clone());
            out
        }
        StoreError::Malformed { .. } => ApiError::new("damaged"),
        StoreError::NothingToUndo => ApiError::new("nothing_to_undo"),
        StoreError::NothingToRedo => ApiError::new("nothing_to_redo"),
        StoreError::StepGone => ApiError::new("undo_gone"),
        StoreError::Cancelled => ApiError::new("cancelled"),
        StoreError::BadBackup(_) => ApiError::new("bad_backup"),
        StoreError::Key(_) => ApiError::new("key_store"),
    }
}

fn open_error(error: &OpenError) -> ApiError {
    match error {
        OpenError::Absent => ApiError::new("no_file"),
        OpenError::Locked => ApiError::new("locked"),
        OpenError::WrongKey => ApiError::new("wrong_key"),
        OpenError::InUse { owner } => ApiError::new("in_use").with("owner", owner),
        OpenError::Damaged => ApiError::new("damaged"),
        OpenError::Newer { found, known } => ApiError::new("newer")
            .with("found", found)
            .with("known", known),
        OpenError::Foreign => ApiError::new("foreign"),
        OpenError::Plaintext => ApiError::new("plaintext"),
        OpenError::NoCipher => ApiError::new("no_cipher"),
        OpenError::Store(error) => store_error(error),
    }
}

fn io_error(error: &std::io::Error) -> ApiError {
    use std::io::ErrorKind;
    ApiError::new(match error.kind() {
        ErrorKind::NotFound => "file_not_found",
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => "no_access",
        ErrorKind::StorageFull => "disk_full",
        _ => "io",
    })
}
