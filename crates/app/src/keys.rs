//! Where this laptop keeps the key of its data file: the system's keyring, or, where there is
//! none, a file that only its owner can read.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ketu_store::file::{KeyError, KeySource, write_atomically};
use uuid::Uuid;
use zeroize::Zeroizing;

const SERVICE: &str = "com.ketu.desktop";

/// The keyring where the system has a working one, else a key file in the data folder. A folder that
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

/// `ketu.key`: a head, then for each data file its id and its key. A folder sees several data files when one
/// begins anew, and backups of the earlier ones want their keys still. At first it held one key and no more.
#[derive(Debug)]
struct KeyFile(PathBuf);

const HEAD: &[u8; 8] = b"KETUKEY2";
const ENTRY: usize = 16 + 32;

#[derive(Default)]
struct Keys {
    by_file: Vec<(Uuid, Zeroizing<[u8; 32]>)>,
    /// The key of a file of the first form, of which nobody knows whose it is.
    nameless: Option<Zeroizing<[u8; 32]>>,
}

impl Keys {
    /// What is neither form holds no key.
    fn parse(bytes: &[u8]) -> Self {
        let mut keys = Self::default();
        let key = |bytes: &[u8]| bytes.try_into().ok().map(Zeroizing::new);
        let Some(entries) = bytes.strip_prefix(HEAD) else {
            keys.nameless = key(bytes);
            return keys;
        };
        for entry in entries.chunks_exact(ENTRY) {
            let (id, sealing) = entry.split_at(16);
            match (Uuid::from_slice(id), key(sealing)) {
                (Ok(id), Some(key)) if id.is_nil() => keys.nameless = Some(key),
                (Ok(id), Some(key)) => keys.by_file.push((id, key)),
                _ => {}
            }
        }
        keys
    }

    fn get(self, file: Uuid) -> Option<Zeroizing<[u8; 32]>> {
        let named = self.by_file.into_iter().find(|(id, _)| *id == file);
        named.map(|(_, key)| key).or(self.nameless)
    }

    fn write(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(HEAD.to_vec());
        let nameless = self.nameless.iter().map(|key| (Uuid::nil(), key));
        let by_file = self.by_file.iter().map(|(id, key)| (*id, key));
        for (id, key) in by_file.chain(nameless) {
            bytes.extend_from_slice(id.as_bytes());
            bytes.extend_from_slice(key.as_ref());
        }
        bytes
    }
}

impl KeyFile {
    fn read(&self) -> Result<Keys, KeyError> {
        match std::fs::read(&self.0) {
            Ok(bytes) => Ok(Keys::parse(&Zeroizing::new(bytes))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Keys::default()),
            Err(error) => Err(KeyError::Source(error.kind().to_string())),
        }
    }
}

impl KeySource for KeyFile {
    fn kind(&self) -> &'static str {
        "key_file"
    }

    fn load(&self, file: Uuid) -> Result<Option<Zeroizing<[u8; 32]>>, KeyError> {
        Ok(self.read()?.get(file))
    }

    fn save(&self, file: Uuid, key: &[u8; 32]) -> Result<(), KeyError> {
        let mut keys = self.read()?;
        keys.by_file.retain(|(id, _)| *id != file);
        keys.by_file.push((file, Zeroizing::new(*key)));
        // The temporary file that is renamed into place is made with owner-only rights.
        write_atomically(&self.0, &keys.write())
            .map_err(|error| KeyError::Source(error.to_string()))
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
        let (first, second) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert!(file.load(first).unwrap().is_none());
        for id in [first, second] {
            file.save(id, &[7; 32]).unwrap();
            let mode = std::fs::metadata(&file.0).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "mode {mode:o}");
        }
    }

    #[test]
    fn every_data_file_of_the_folder_keeps_its_own_key() {
        let dir = tempfile::tempdir().unwrap();
        let file = KeyFile(dir.path().join("ketu.key"));
        // As the first versions wrote it.
        std::fs::write(&file.0, [7; 32]).unwrap();
        let [old, new, newest] = [1, 2, 3].map(Uuid::from_u128);
        let key = |id| file.load(id).unwrap().map(|key| *key);
        assert_eq!(key(old), Some([7; 32]));
        file.save(new, &[8; 32]).unwrap();
        file.save(newest, &[9; 32]).unwrap();
        file.save(newest, &[10; 32]).unwrap();
        assert_eq!(
            [old, new, newest].map(key),
            [Some([7; 32]), Some([8; 32]), Some([10; 32])]
        );
    }

    #[test]
    fn what_is_no_key_file_holds_no_key() {
        let dir = tempfile::tempdir().unwrap();
        let file = KeyFile(dir.path().join("ketu.key"));
        for bytes in [
            &b""[..],
            &[1; 31],
            HEAD,
            &[HEAD.as_slice(), &[1; 47]].concat(),
        ] {
            std::fs::write(&file.0, bytes).unwrap();
            assert!(file.load(Uuid::from_u128(1)).unwrap().is_none());
        }
    }
}
