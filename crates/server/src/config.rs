//! How the server is set up: defaults that work at once, a TOML file, and the environment over both.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::accounts::{Cost, Lifetimes, Secret};
use crate::blobs::Limits;
use crate::db::Place;

/// Variables `KETU_SERVER_<KEY>` stand over the file's keys; a list is written as in TOML, `["a", "b"]`.
pub const PREFIX: &str = "KETU_SERVER_";

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("reading {path}: {source}")]
    Read {
        path: PathBuf,
        source: std::io::Error,
    },
    /// The parser's own words would repeat the line, which may hold a password.
    #[error("{path}: the file is not the TOML this version takes, at byte {at}")]
    File { path: PathBuf, at: usize },
    #[error("the settings do not fit together: {0}")]
    Settings(String),
}

/// Where TLS comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tls {
    /// An authority of the server's own, kept in the data folder; invitations carry its fingerprint.
    #[default]
    Own,
    /// `tls_certificate` and `tls_key`, PEM.
    Files,
    /// Plain HTTP, on a loopback address only: for a proxy on the same machine.
    Off,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    #[default]
    Json,
    Text,
}

/// All settings; [`Config::default`] documents what holds when nothing is said.
#[derive(Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The folder of the database file, backups and the server's own certificate authority.
    pub data: PathBuf,
    /// `postgres://…`; without it, a SQLite file in the data folder.
    pub database: Option<Secret>,
    /// The folder of contents of files; without it, `files` in the data folder. Servers beside one database share it.
    pub files: Option<PathBuf>,
    /// Bytes of one organisation's files; 0 for no limit.
    pub files_limit: u64,
    /// Connections to PostgreSQL, or readers of the file.
    pub connections: usize,
    pub listen: SocketAddr,
    /// The addresses that invitations name, as laptops reach this server.
    pub public: Vec<String>,
    pub tls: Tls,
    pub tls_certificate: Option<PathBuf>,
    pub tls_key: Option<PathBuf>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Asked for at /metrics; without it, only this machine may read them.
    pub metrics_token: Option<Secret>,
    /// `error`, `warn`, `info`, `debug`, or directives of tracing's `EnvFilter`.
    pub log: String,
    pub log_format: LogFormat,
    /// Bytes of a request's body as sent.
    pub body_limit: usize,
    /// Bytes of a request's body once unpacked.
    pub unpacked_limit: usize,
    pub requests_at_once: usize,
    pub request_seconds: u64,
    /// How long requests under way may take to end when the server is told to stop.
    pub shutdown_seconds: u64,
    /// Minutes between backups of a SQLite file; 0 for none.
    pub backup_minutes: u64,
    pub backups_recent: usize,
    pub backups_daily: usize,
    pub access_minutes: u64,
    pub refresh_days: u64,
    pub invitation_days: u64,
    /// Days without the server after which laptops show nothing until they were heard again; 0 for never.
    pub lock_after_days: u32,
    /// Whether one who asks for a company or a number that only colleagues have is told how many have it.
    pub tell_taken: bool,
    pub password_memory_kib: u32,
    pub password_passes: u32,
}

impl Default for Config {
    fn default() -> Self {
        let (cost, lifetimes) = (Cost::default(), Lifetimes::default());
        const DAY: u64 = 24 * 60 * 60;
        Self {
            data: default_data_folder(),
            database: None,
            files: None,
            files_limit: 0,
            connections: 16,
            listen: SocketAddr::from(([127, 0, 0, 1], 8443)),
            public: Vec::new(),
            tls: Tls::Own,
            tls_certificate: None,
            tls_key: None,
            trusted_proxies: Vec::new(),
            metrics_token: None,
            log: "info".to_owned(),
            log_format: LogFormat::Json,
            body_limit: 8 << 20,
            unpacked_limit: 16 << 20,
            requests_at_once: 512,
            request_seconds: 60,
            shutdown_seconds: 30,
            backup_minutes: 60,
            backups_recent: 24,
            backups_daily: 30,
            access_minutes: lifetimes.access.as_secs() / 60,
            refresh_days: lifetimes.refresh.as_secs() / DAY,
            invitation_days: lifetimes.invitation.as_secs() / DAY,
            lock_after_days: 30,
            tell_taken: false,
            password_memory_kib: cost.memory_kib,
            password_passes: cost.passes,
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.printed())
    }
}

impl Config {
    /// Reads the file, if one is named, and lays the environment's variables over it.
    ///
    /// # Errors
    /// [`ConfigError`]; an unknown key is one, so that a slip does not go unnoticed.
    pub fn read(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut table = match file {
            Some(path) => {
                let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
                    path: path.to_owned(),
                    source,
                })?;
                text.parse::<toml::Table>()
                    .map_err(|error| ConfigError::File {
                        path: path.to_owned(),
                        at: error.span().map_or(0, |span| span.start),
                    })?
            }
            None => toml::Table::new(),
        };
        for (name, value) in environment {
            let Some(key) = name.strip_prefix(PREFIX) else {
                continue;
            };
            // The name of the file itself, which the command line reads.
            if key == "CONFIG" {
                continue;
            }
            table.insert(key.to_lowercase(), toml_value(&value));
        }
        let config: Self = table
            .try_into()
            .map_err(|error: toml::de::Error| ConfigError::Settings(error.message().to_owned()))?;
        config.check()?;
        Ok(config)
    }

    /// Whether the settings fit together.
    ///
    /// # Errors
    /// [`ConfigError::Settings`] in words.
    pub fn check(&self) -> Result<(), ConfigError> {
        let fault = if self.tls == Tls::Off && !self.listen.ip().is_loopback() {
            "without TLS the server listens on a loopback address only"
        } else if self.tls == Tls::Files
            && (self.tls_certificate.is_none() || self.tls_key.is_none())
        {
            "tls = \"files\" wants tls_certificate and tls_key"
        } else if self.connections == 0 || self.requests_at_once == 0 || self.request_seconds == 0 {
            "connections, requests_at_once and request_seconds are at least 1"
        } else {
            return Ok(());
        };
        Err(ConfigError::Settings(fault.to_owned()))
    }

    pub fn place(&self) -> Place {
        match &self.database {
            Some(address) => Place::Postgres(address.expose().to_owned()),
            None => Place::File(self.data.join("server.db")),
        }
    }

    pub fn files_folder(&self) -> PathBuf {
        self.files
            .clone()
            .unwrap_or_else(|| self.data.join("files"))
    }

    /// Contents stay as long as any backup of the database that may speak of them.
    pub fn limits(&self) -> Limits {
        let days = u64::try_from(self.backups_daily).unwrap_or(u64::MAX);
        Limits {
            bytes: self.files_limit,
            unused: Duration::from_secs(days.clamp(30, 3_650) * 24 * 60 * 60),
        }
    }

    pub fn cost(&self) -> Cost {
        Cost {
            memory_kib: self.password_memory_kib,
            passes: self.password_passes,
        }
    }

    pub fn lifetimes(&self) -> Lifetimes {
        const DAY: u64 = 24 * 60 * 60;
        Lifetimes {
            access: Duration::from_secs(self.access_minutes * 60),
            refresh: Duration::from_secs(self.refresh_days * DAY),
            invitation: Duration::from_secs(self.invitation_days * DAY),
        }
    }

    /// The addresses that invitations name.
    pub fn addresses(&self) -> Vec<String> {
        if !self.public.is_empty() {
            return self.public.clone();
        }
        let scheme = if self.tls == Tls::Off {
            "http"
        } else {
            "https"
        };
        vec![format!("{scheme}://{}", self.listen)]
    }

    /// The settings as TOML, secrets hidden.
    pub fn printed(&self) -> String {
        let mut shown = self.clone();
        shown.database = shown
            .database
            .map(|_| Secret::new(format!("{:?}", self.place())));
        shown.metrics_token = shown.metrics_token.map(|_| Secret::new("***"));
        toml::to_string(&shown).unwrap_or_default()
    }
}

/// A number, a list or a truth as TOML reads it; anything else is the text itself.
fn toml_value(text: &str) -> toml::Value {
    let line = format!("v = {text}");
    match line.parse::<toml::Table>() {
        Ok(mut table) if table.len() == 1 => table.remove("v").unwrap_or_else(|| text.into()),
        _ => text.into(),
    }
}

fn default_data_folder() -> PathBuf {
    let of = |name: &str| {
        std::env::var_os(name)
            .filter(|v| !v.is_empty())
            .map(PathBuf::from)
    };
    let base = if cfg!(windows) {
        of("LOCALAPPDATA")
    } else {
        of("XDG_DATA_HOME").or_else(|| of("HOME").map(|home| home.join(".local/share")))
    };
    base.unwrap_or_default().join("ketu-server")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(file: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("server.toml");
        std::fs::write(&path, file).unwrap();
        let owned = |(k, v): &(&str, &str)| ((*k).to_owned(), (*v).to_owned());
        Config::read(Some(&path), environment.iter().map(owned))
    }

    #[test]
    fn the_environment_stands_over_the_file_and_the_file_over_the_defaults() {
        let config = read(
            "listen = \"127.0.0.1:1\"\nconnections = 3",
            &[
                ("KETU_SERVER_LISTEN", "127.0.0.1:2"),
                ("KETU_SERVER_PUBLIC", "[\"https://crm.example\"]"),
                ("PATH", "/bin"),
            ],
        )
        .unwrap();
        assert_eq!(config.listen.port(), 2);
        assert_eq!(config.connections, 3);
        assert_eq!(config.addresses(), ["https://crm.example"]);
        assert_eq!(config.access_minutes, 15);
    }

    #[test]
    fn slips_are_refused_and_no_secret_is_repeated() {
        assert!(matches!(
            read("lisen = 1", &[]),
            Err(ConfigError::Settings(_))
        ));
        assert!(read("tls = \"off\"\nlisten = \"0.0.0.0:80\"", &[]).is_err());
        let broken = read("database = \"postgres://u:s3cret@h/d", &[]).unwrap_err();
        assert!(!broken.to_string().contains("s3cret"));
        let config = read(
            "database = \"postgres://u:s3cret@h/d\"\nmetrics_token = \"t0ken\"",
            &[],
        )
        .unwrap();
        let printed = format!("{config:?}");
        assert!(
            !printed.contains("s3cret") && !printed.contains("t0ken"),
            "{printed}"
        );
        assert!(printed.contains("postgres://***@h/d"));
    }
}
