//! Small secrets of this laptop beside the file, sealed under the data key. No backup has them: a restored or copied
//! file does not come with the way into somebody's account.

use chacha20poly1305::XNonce;
use chacha20poly1305::aead::{Aead, Payload};
use zeroize::Zeroizing;

use crate::error::{Result, StoreError};
use crate::file::{self, KeyError, write_atomically};
use crate::store::Store;

const NONCE: usize = 24;

impl Store {
    /// Keeps a secret under a name of its own, in the place of what was there.
    pub fn keep_secret(&self, name: &'static str, secret: &[u8]) -> Result<()> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|error| StoreError::Key(KeyError::Random(error)))?;
        let payload = Payload {
            msg: secret,
            aad: name.as_bytes(),
        };
        let sealed = self
            .key()
            .secret_cipher()
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| StoreError::Key(KeyError::Seal))?;
        write_atomically(&self.folder().secret(name), &[&nonce[..], &sealed].concat())
    }

    /// The secret of this name; absent also where it is of another file's key, or damaged.
    pub fn secret(&self, name: &'static str) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let path = self.folder().secret(name);
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StoreError::io("read", path)(error)),
        };
        let Some((nonce, sealed)) = bytes.split_first_chunk::<NONCE>() else {
            return Ok(None);
        };
        let payload = Payload {
            msg: sealed,
            aad: name.as_bytes(),
        };
        let opened = self
            .key()
            .secret_cipher()
            .decrypt(&XNonce::from(*nonce), payload);
        Ok(opened.ok().map(Zeroizing::new))
    }

    pub fn forget_secret(&self, name: &'static str) -> Result<()> {
        file::remove_if_there(&self.folder().secret(name))
    }
}
