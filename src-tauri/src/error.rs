//! What can go wrong between the page and the core, told to the page as `{code, params, field, errors}`.

use serde::{Serialize, Serializer};

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The core said no; its own code and parameters go to the page as they are.
    #[error("the core refused the call")]
    Refused(ketu_app::ApiError),
    #[error("the call ended in a panic")]
    Panicked(#[source] tauri::Error),
    #[error("the core could not be started")]
    CoreEnded,
    #[error("links of this kind are not opened")]
    LinkRefused,
    #[error("the desktop did not open it")]
    NotOpened(#[source] tauri_plugin_opener::Error),
    #[error("the picked place is not a file on this computer")]
    NotAFile(#[source] tauri_plugin_dialog::Error),
    #[error("the window did not answer")]
    Window(#[source] tauri::Error),
}

impl Error {
    fn code(&self) -> &'static str {
        match self {
            Self::Refused(_) | Self::Panicked(_) | Self::CoreEnded => "internal",
            Self::LinkRefused => "link_refused",
            Self::NotOpened(_) => "not_opened",
            Self::NotAFile(_) => "not_a_file",
            Self::Window(_) => "window",
        }
    }
}

impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Self::Refused(refused) = self {
            return refused.serialize(serializer);
        }
        tracing::error!(error = self as &dyn std::error::Error, "a command failed");
        serde_json::json!({ "code": self.code(), "params": {}, "field": null, "errors": [] })
            .serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_command_reaches_the_page_as_a_code() {
        let told = serde_json::to_value(Error::LinkRefused).unwrap();
        assert_eq!(
            told,
            serde_json::json!({ "code": "link_refused", "params": {}, "field": null, "errors": [] })
        );
    }
}
