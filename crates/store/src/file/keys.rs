//! Key slots: the random data key, sealed once for each way of opening the file (docs/adr/0005).
//! The slot file stands beside the database in two copies and in every backup. Its fingerprint of
//! the data key tells a wrong key from a damaged file.

use std::path::Path;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{Folder, RecoveryKey, beside, write_atomically};
use crate::error::{OpenError, StoreError};

#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("the key store refused: {0}")]
    Source(String),
    #[error("no randomness: {0}")]
    Random(getrandom::Error),
    #[error("the data key could not be sealed")]
    Seal,
}

/// Where this laptop keeps the key of its device slot: the system's keyring, or a file of the
/// owner's where there is none.
pub trait KeySource: Send + Sync + std::fmt::Debug {
    /// `keyring` or `key_file`.
    fn kind(&self) -> &'static str;
    fn load(&self, file: Uuid) -> Result<Option<Zeroizing<[u8; 32]>>, KeyError>;
    fn save(&self, file: Uuid, key: &[u8; 32]) -> Result<(), KeyError>;
}

/// The 256-bit key that encrypts the database.
#[derive(Clone)]
pub struct DataKey(Zeroizing<[u8; 32]>);

impl std::fmt::Debug for DataKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DataKey(hidden)")
    }
}

impl DataKey {
    pub fn generate() -> Result<Self, KeyError> {
        Ok(Self(random()?))
    }

    /// The raw-key form that SQLCipher takes, which spares the derivation from a passphrase.
    pub(crate) fn pragma(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(67));
        text.push_str("x'");
        for byte in self.0.iter() {
            text.push_str(&format!("{byte:02x}"));
        }
        text.push('\'');
        text
    }

    /// What the outbox journal is sealed with.
    pub(crate) fn journal_cipher(&self) -> XChaCha20Poly1305 {
        let key = blake3::derive_key("ketu 2026-11 outbox journal", self.0.as_ref());
        XChaCha20Poly1305::new(&Key::from(*Zeroizing::new(key)))
    }

    /// What secrets beside the file are sealed with.
    pub(crate) fn secret_cipher(&self) -> XChaCha20Poly1305 {
        let key = blake3::derive_key("ketu 2026-11 secrets beside the file", self.0.as_ref());
        XChaCha20Poly1305::new(&Key::from(*Zeroizing::new(key)))
    }

    fn fingerprint(&self) -> String {
        let hash = blake3::derive_key("ketu 2026-11 data key fingerprint", self.0.as_ref());
        hash[..16].iter().map(|b| format!("{b:02x}")).collect()
    }
}

fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>, KeyError> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(bytes.as_mut()).map_err(KeyError::Random)?;
    Ok(bytes)
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Slot {
    /// `device` or `recovery`; `password` and `company` join later in the same form.
    kind: String,
    nonce: Vec<u8>,
    sealed: Vec<u8>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SlotFile {
    format: u32,
    /// Identity of the database file, and the name of its key in the key store.
    pub file: Uuid,
    fingerprint: String,
    slots: Vec<Slot>,
}

impl SlotFile {
    pub fn new(file: Uuid, key: &DataKey) -> Self {
        Self {
            format: 1,
            file,
            fingerprint: key.fingerprint(),
            slots: Vec::new(),
        }
    }

    /// Reads the first copy that is whole.
    pub fn read(folder: &Folder) -> Option<Self> {
        [folder.slots(), folder.slots_copy()]
            .iter()
            .find_map(|path| Self::read_from(path))
    }

    pub fn read_from(path: &Path) -> Option<Self> {
        let slots: Self = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
        (slots.format == 1).then_some(slots)
    }

    /// Writes both copies, one after the other, each atomically.
    pub fn write(&self, folder: &Folder) -> Result<(), StoreError> {
        self.write_to(&folder.slots())?;
        self.write_to(&folder.slots_copy())
    }

    pub fn write_to(&self, path: &Path) -> Result<(), StoreError> {
        let bytes = serde_json::to_vec_pretty(self).expect("slots are plain data");
        write_atomically(path, &bytes)
    }

    pub fn same_key(&self, other: &Self) -> bool {
        self.fingerprint == other.fingerprint
    }

    /// Seals the data key for this laptop, with a new key in its key store.
    pub fn set_device(&mut self, source: &dyn KeySource, key: &DataKey) -> Result<(), KeyError> {
        let sealing = random::<32>()?;
        source.save(self.file, &sealing)?;
        self.seal("device", &sealing, key)
    }

    /// Seals the data key for a recovery key; an earlier recovery key opens nothing any more.
    pub fn set_recovery(&mut self, recovery: &RecoveryKey, key: &DataKey) -> Result<(), KeyError> {
        self.seal("recovery", &recovery.sealing_key(), key)
    }

    pub fn open_device(&self, source: &dyn KeySource) -> Result<DataKey, OpenError> {
        let sealing = source
            .load(self.file)
            .map_err(StoreError::Key)?
            .ok_or(OpenError::Locked)?;
        // A key of another file under the same name is as good as none.
        self.unseal("device", &sealing).ok_or(OpenError::Locked)
    }

    pub fn open_recovery(&self, recovery: &RecoveryKey) -> Result<DataKey, OpenError> {
        self.unseal("recovery", &recovery.sealing_key())
            .ok_or(OpenError::WrongKey)
    }

    fn seal(&mut self, kind: &str, sealing: &[u8; 32], key: &DataKey) -> Result<(), KeyError> {
        let nonce = random::<24>()?;
        let payload = Payload {
            msg: key.0.as_ref(),
            aad: self.file.as_bytes(),
        };
        let sealed = XChaCha20Poly1305::new(&Key::from(*sealing))
            .encrypt(&XNonce::from(*nonce), payload)
            .map_err(|_| KeyError::Seal)?;
        self.slots.retain(|slot| slot.kind != kind);
        self.slots.push(Slot {
            kind: kind.to_owned(),
            nonce: nonce.to_vec(),
            sealed,
        });
        Ok(())
    }

    fn unseal(&self, kind: &str, sealing: &[u8; 32]) -> Option<DataKey> {
        let slot = self.slots.iter().find(|slot| slot.kind == kind)?;
        let nonce: [u8; 24] = slot.nonce.as_slice().try_into().ok()?;
        let payload = Payload {
            msg: &slot.sealed,
            aad: self.file.as_bytes(),
        };
        let opened = XChaCha20Poly1305::new(&Key::from(*sealing))
            .decrypt(&XNonce::from(nonce), payload)
            .ok()
            .map(Zeroizing::new)?;
        let key = DataKey(Zeroizing::new(opened.as_slice().try_into().ok()?));
        (key.fingerprint() == self.fingerprint).then_some(key)
    }
}

/// Where both copies of the slots are lost: the latest slots of a backup that `open` opens and whose key is the
/// key of the file. They are written back.
pub(crate) fn slots_of_backups(
    folder: &Folder,
    open: impl Fn(&SlotFile) -> Result<DataKey, OpenError>,
) -> Result<(SlotFile, DataKey), OpenError> {
    let mut refusal = OpenError::Foreign;
    for backup in folder.list_backups() {
        let Some(slots) = SlotFile::read_from(&folder.backup_slots(&backup.name)) else {
            continue;
        };
        let opened = open(&slots).and_then(|key| {
            folder.refuse_empty()?;
            beside(&folder.database(), &key)?;
            Ok(key)
        });
        match (opened, &refusal) {
            (Ok(key), _) => {
                slots.write(folder)?;
                return Ok((slots, key));
            }
            // The key of another file, or this one is damaged: a backup is the way back in either case.
            (Err(OpenError::Damaged), _) => refusal = OpenError::Damaged,
            (Err(OpenError::Locked | OpenError::WrongKey), OpenError::Damaged) => {}
            (Err(error @ (OpenError::Locked | OpenError::WrongKey)), _) => refusal = error,
            (Err(error), _) => return Err(error),
        }
    }
    Err(refusal)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn each_slot_opens_the_same_key_and_no_other_key_opens_it() {
        let key = DataKey::generate().unwrap();
        let recovery = RecoveryKey::generate().unwrap();
        let mut slots = SlotFile::new(Uuid::from_u128(7), &key);
        slots.set_recovery(&recovery, &key).unwrap();
        assert_eq!(*slots.open_recovery(&recovery).unwrap().0, *key.0);
        let other = RecoveryKey::generate().unwrap();
        assert!(matches!(
            slots.open_recovery(&other),
            Err(OpenError::WrongKey)
        ));
        slots.set_recovery(&other, &key).unwrap();
        assert!(matches!(
            slots.open_recovery(&recovery),
            Err(OpenError::WrongKey)
        ));
    }

    #[test]
    fn one_damaged_copy_of_the_slots_does_no_harm() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::new(dir.path());
        let slots = SlotFile::new(Uuid::from_u128(7), &DataKey::generate().unwrap());
        slots.write(&folder).unwrap();
        std::fs::write(folder.slots(), b"{\"format\":1,\"fil").unwrap();
        assert_eq!(
            SlotFile::read(&folder).unwrap().fingerprint,
            slots.fingerprint
        );
    }
}
