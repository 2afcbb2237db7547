//! The folder that holds the data where nobody names one: the same as the window's.

use std::path::PathBuf;

/// The platform's folder for a user's application data, and `ketu` below it.
pub fn default_data_dir() -> PathBuf {
    platform_data_dir()
        .unwrap_or_else(std::env::temp_dir)
        .join("ketu")
}

#[cfg(windows)]
fn platform_data_dir() -> Option<PathBuf> {
    set_path("APPDATA")
}

#[cfg(target_os = "macos")]
fn platform_data_dir() -> Option<PathBuf> {
    set_path("HOME").map(|home| home.join("Library/Application Support"))
}

#[cfg(not(any(windows, target_os = "macos")))]
fn platform_data_dir() -> Option<PathBuf> {
    set_path("XDG_DATA_HOME").or_else(|| set_path("HOME").map(|home| home.join(".local/share")))
}

fn set_path(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable)
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
}
