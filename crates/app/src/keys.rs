//! Where this laptop keeps the key of its data file: the system's keyring, or, where there is
//! none, a file that only its owner can read.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ketu_store::file::{KeyError, KeySource, write_atomically};
use uuid::Uuid;
use zeroize::Zeroizing;

const SERVICE: &str = "com.ketu.desktop";

/// The keyring where the system has a working one, else a key file in the data folder. A file that
/// was set up with a key file keeps it, so that a keyring that appears later locks nobody out.
pub fn key_source(data_dir: &Path) -> Arc<dyn KeySource> {
    let file = KeyFile(data_dir.join("ketu.key"));
    if file.0.exists() || !Keyring::works() {
        Arc::new(file)
    } else {
        Arc::new(Keyring)
    }
}

#[derive(Debug)]
struct Keyring;

impl Keyring {
    /// Keeps a word, reads it back and removes it: a keyring that is locked or absent fails here.
    fn works() -> bool {
        if keyring::Entry::store_status().is_err() {
            return false;
        }
        let probe = || -> keyring::Result<bool> {
            let entry = keyring::Entry::new(SERVICE, "probe")?;
            entry.set_secret(b"ketu")?;
            let kept = entry.get_secret()? == b"ketu";
            entry.delete_credential()?;
            Ok(kept)
        };
        probe().unwrap_or(false)
    }

    fn entry(file: Uuid) -> Result<keyring::Entry, KeyError> {
        keyring::Entry::new(SERVICE, &file.to_string())
            .map_err(|error| KeyError::Source(error.to_string()))
    }
}

impl KeySource for Keyring {
    fn kind(&self) -> &'static str {
        "keyring"
    }

    fn load(&self, file: Uuid) -> Result<Option<Zeroizing<[u8; 32]>>, KeyError> {
        match Self::entry(file)?.get_secret() {
            Ok(secret) => Ok(Zeroizing::new(secret)
                .as_slice()
                .try_into()
                .ok()
                .map(Zeroizing::new)),
            Err(keyring::Error::NoEntry) => Ok(None),
            Err(error) => Err(KeyError::Source(error.to_string())),
        }
    }

    fn save(&self, file: Uuid, key: &[u8; 32]) -> Result<(), KeyError> {
        Self::entry(file)?
            .set_secret(key)
            .map_err(|error| KeyError::Source(error.to_string()))
    }
}

#[derive(Debug)]
struct KeyFile(PathBuf);

impl KeySource for KeyFile {
    fn kind(&self) -> &'static str {
        "key_file"
    }

    fn load(&self, _file: Uuid) -> Result<Option<Zeroizing<[u8; 32]>>, KeyError> {
        match std::fs::read(&self.0) {
            Ok(bytes) => Ok(Zeroizing::new(bytes)
                .as_slice()
                .try_into()
                .ok()
                .map(Zeroizing::new)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(KeyError::Source(error.kind().to_string())),
        }
    }

    fn save(&self, _file: Uuid, key: &[u8; 32]) -> Result<(), KeyError> {
        // The temporary file that is renamed into place is made with owner-only rights.
        write_atomically(&self.0, key).map_err(|error| KeyError::Source(error.to_string()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn the_key_file_can_be_read_by_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let file = KeyFile(dir.path().join("ketu.key"));
        assert!(file.load(Uuid::nil()).unwrap().is_none());
        file.save(Uuid::nil(), &[7; 32]).unwrap();
        assert_eq!(*file.load(Uuid::nil()).unwrap().unwrap(), [7; 32]);
        let mode = std::fs::metadata(&file.0).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "mode {mode:o}");
    }
}
