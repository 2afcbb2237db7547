//! How the program was started: its arguments, and the folder that holds the data.

use std::ffi::OsString;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

/// What the arguments asked for. Unknown arguments are ignored: desktops add their own.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Start {
    /// `--data-dir=DIR`: another folder than the usual one.
    pub data_dir: Option<PathBuf>,
    /// `--hidden`: begin without showing the window, as at login.
    pub hidden: bool,
}

impl Start {
    pub(crate) fn from_args(args: impl IntoIterator<Item = OsString>) -> Self {
        let mut start = Self::default();
        for arg in args {
            let text = arg.to_string_lossy();
            if let Some(dir) = text
                .strip_prefix("--data-dir=")
                .filter(|dir| !dir.is_empty())
            {
                start.data_dir = Some(std::path::absolute(dir).unwrap_or_else(|_| dir.into()));
            } else if text == "--hidden" {
                start.hidden = true;
            }
        }
        start
    }

    /// The bus name under which a running program is found: one for each data folder, since one folder
    /// is one company's data and two folders may be open side by side.
    pub(crate) fn instance_name(&self) -> String {
        const NAME: &str = "cn.ketu.desktop";
        match &self.data_dir {
            None => NAME.to_owned(),
            Some(dir) => {
                let mut hasher = DefaultHasher::new();
                dir.hash(&mut hasher);
                format!("{NAME}.at{:016x}", hasher.finish())
            }
        }
    }
}

/// The platform's folder for a user's application data, and `ketu` below it.
pub(crate) fn default_data_dir() -> PathBuf {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn start(args: &[&str]) -> Start {
        Start::from_args(args.iter().map(OsString::from))
    }

    #[test]
    fn arguments_name_the_data_folder_and_the_hidden_start() {
        let asked = start(&["--data-dir=/srv/客途", "--hidden", "--something-else"]);
        assert_eq!(asked.data_dir, Some(PathBuf::from("/srv/客途")));
        assert!(asked.hidden);
        assert_eq!(start(&[]), Start::default());
        assert_eq!(start(&["--data-dir="]).data_dir, None);
    }

    #[test]
    fn each_data_folder_has_a_running_program_of_its_own() {
        let usual = start(&[]).instance_name();
        let first = start(&["--data-dir=/a"]).instance_name();
        let second = start(&["--data-dir=/b"]).instance_name();
        assert_eq!(usual, "cn.ketu.desktop");
        assert_ne!(first, second);
        assert_eq!(first, start(&["--data-dir=/a"]).instance_name());
    }
}
