//! The journal as a file: entries one after the other, each sealed by itself, so that a torn end costs the last one only.
//!
//! ```text
//! "KETUJRN1"  then for each entry: length (4 bytes, little end first), check (8 bytes of BLAKE3 over length and body),
//! body = nonce (24 bytes) + sealed JSON
//! ```

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use crate::error::{Result, StoreError};
use crate::file::{DataKey, KeyError, sync_folder};

const HEAD: &[u8; 8] = b"KETUJRN1";
const NONCE: usize = 24;
/// Length and check before a body.
const BEFORE: usize = 12;
/// No entry is longer: an op has at most a few long texts.
const LONGEST: usize = 64 << 20;

/// A torn end of up to this many bytes is what a power cut leaves.
const TORN: usize = 64 << 10;

/// An open journal, at its end.
pub(super) struct Frames {
    path: PathBuf,
    file: File,
    cipher: XChaCha20Poly1305,
}

/// What opening found.
pub(super) struct Found {
    pub frames: Frames,
    /// The entries that are whole.
    pub entries: Vec<Vec<u8>>,
    /// There was no journal, or one of another key that was moved aside.
    pub is_new: bool,
}

impl std::fmt::Debug for Frames {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Frames")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

enum Next {
    Entry(Vec<u8>, usize),
    /// Its check fails, and another entry follows.
    Damaged(usize),
    /// It was being written when the power went.
    Torn,
    /// Whole, and of another key.
    OtherKey,
    End,
}

impl Frames {
    /// Opens a journal and cuts off what was being written last. One that this key does not open is moved aside, never
    /// deleted.
    pub(super) fn open(path: &Path, key: &DataKey, now: i64) -> Result<Found> {
        let cipher = key.journal_cipher();
        let mut bytes = Vec::new();
        match File::open(path) {
            Ok(mut file) => file
                .read_to_end(&mut bytes)
                .map_err(StoreError::io("read", path))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => 0,
            Err(error) => return Err(StoreError::io("open", path)(error)),
        };
        let mut entries = Vec::new();
        let mut at = HEAD.len();
        // A head that was not written whole stands before nothing.
        let mut readable = bytes.starts_with(HEAD) || bytes.len() < HEAD.len();
        let mut damaged = 0;
        while readable && at < bytes.len() {
            match next(&cipher, &bytes, at) {
                Next::Entry(entry, end) => {
                    entries.push(entry);
                    at = end;
                }
                Next::Damaged(end) => {
                    damaged += 1;
                    at = end;
                }
                Next::OtherKey => readable = !entries.is_empty(),
                Next::Torn | Next::End => break,
            }
            if !readable {
                break;
            }
        }
        if damaged > 0 {
            tracing::error!(damaged, "entries of the outbox journal cannot be read");
        }
        if !readable {
            let aside = path.with_extension(format!("journal.{now}"));
            std::fs::rename(path, &aside).map_err(StoreError::io("move", path))?;
            tracing::error!("the outbox journal is of another key; it was moved aside");
            bytes.clear();
        }
        if let Some(cut) = bytes.get(at..).filter(|cut| cut.len() > TORN) {
            // More than one entry that was being written: somebody may want to look at it.
            let aside = path.with_extension(format!("journal.cut.{now}"));
            crate::file::write_atomically(&aside, cut)?;
            tracing::error!("the end of the outbox journal cannot be read; it was kept aside");
        }
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(path)
            .map_err(StoreError::io("open", path))?;
        let mut frames = Self {
            path: path.to_owned(),
            file,
            cipher,
        };
        let is_new = bytes.len() < HEAD.len();
        frames.begin(if is_new { 0 } else { at })?;
        Ok(Found {
            frames,
            entries,
            is_new,
        })
    }

    /// Cuts what lies behind `end`, and writes the head where there is none.
    fn begin(&mut self, end: usize) -> Result<()> {
        let io = |source| StoreError::io("cut", &self.path)(source);
        let end = u64::try_from(end).unwrap_or(u64::MAX);
        self.file.set_len(end).map_err(io)?;
        self.file.seek(SeekFrom::Start(end)).map_err(io)?;
        if end == 0 {
            self.file.write_all(HEAD).map_err(io)?;
            if let Some(folder) = self.path.parent() {
                sync_folder(folder);
            }
        }
        Ok(())
    }

    /// Appends entries. Where that fails the end is cut off again.
    pub(super) fn append(&mut self, entries: impl Iterator<Item = Vec<u8>>) -> Result<()> {
        let mut bytes = Vec::new();
        for entry in entries {
            self.seal(&entry, &mut bytes)?;
        }
        let end = self
            .file
            .stream_position()
            .map_err(StoreError::io("read", &self.path))?;
        if let Err(error) = self.file.write_all(&bytes) {
            self.begin(usize::try_from(end).unwrap_or(HEAD.len()))?;
            return Err(StoreError::io("write", &self.path)(error));
        }
        Ok(())
    }

    pub(super) fn sync(&self) -> Result<()> {
        self.file
            .sync_data()
            .map_err(StoreError::io("sync", &self.path))
    }

    /// Puts these entries in the place of all that is there: the old file or the new one, never a part.
    pub(super) fn replace(&mut self, entries: impl Iterator<Item = Vec<u8>>) -> Result<()> {
        let mut bytes = HEAD.to_vec();
        for entry in entries {
            self.seal(&entry, &mut bytes)?;
        }
        crate::file::write_atomically(&self.path, &bytes)?;
        self.file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(&self.path)
            .map_err(StoreError::io("open", &self.path))?;
        self.file
            .seek(SeekFrom::End(0))
            .map_err(StoreError::io("read", &self.path))?;
        Ok(())
    }

    /// All entries that are whole.
    pub(super) fn read(&self) -> Result<Vec<Vec<u8>>> {
        let bytes = std::fs::read(&self.path).map_err(StoreError::io("read", &self.path))?;
        let mut entries = Vec::new();
        let mut at = HEAD.len();
        loop {
            match next(&self.cipher, &bytes, at) {
                Next::Entry(entry, end) => {
                    entries.push(entry);
                    at = end;
                }
                Next::Damaged(end) => at = end,
                Next::Torn | Next::OtherKey | Next::End => return Ok(entries),
            }
        }
    }

    fn seal(&self, entry: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|error| StoreError::Key(KeyError::Random(error)))?;
        let payload = Payload {
            msg: entry,
            aad: HEAD,
        };
        let sealed = self
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| StoreError::Key(KeyError::Seal))?;
        let length = u32::try_from(NONCE + sealed.len())
            .map_err(|_| StoreError::Key(KeyError::Seal))?
            .to_le_bytes();
        out.extend_from_slice(&length);
        out.extend_from_slice(&check(&length, &[&nonce, &sealed]));
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        Ok(())
    }
}

fn check(length: &[u8], body: &[&[u8]]) -> [u8; 8] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(length);
    for part in body {
        hasher.update(part);
    }
    let mut check = [0; 8];
    check.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    check
}

fn next(cipher: &XChaCha20Poly1305, bytes: &[u8], at: usize) -> Next {
    let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) else {
        return Next::End;
    };
    let Some((before, body)) = rest.split_at_checked(BEFORE) else {
        return Next::Torn;
    };
    let length = u32::from_le_bytes([before[0], before[1], before[2], before[3]]);
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let Some(body) = body
        .get(..length)
        .filter(|_| (NONCE..=LONGEST).contains(&length))
    else {
        return Next::Torn;
    };
    let end = at + BEFORE + length;
    if check(&before[..4], &[body])[..] != before[4..] {
        return match end < bytes.len() {
            true => Next::Damaged(end),
            false => Next::Torn,
        };
    }
    let mut nonce = [0; NONCE];
    nonce.copy_from_slice(&body[..NONCE]);
    let payload = Payload {
        msg: &body[NONCE..],
        aad: HEAD,
    };
    match cipher.decrypt(&XNonce::from(nonce), payload) {
        Ok(entry) => Next::Entry(entry, end),
        Err(_) => Next::OtherKey,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn torn_at_any_byte_of_its_last_entry_a_journal_keeps_all_others() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("outbox.journal");
        let key = DataKey::generate().unwrap();
        let open = || Frames::open(&path, &key, 0).unwrap();
        let texts = ["甲", "乙", "丙"].map(|text| text.repeat(20).into_bytes());
        let mut ends = Vec::new();
        for text in &texts {
            open().frames.append(std::iter::once(text.clone())).unwrap();
            ends.push(std::fs::read(&path).unwrap().len());
        }
        let whole = std::fs::read(&path).unwrap();
        assert_eq!(open().entries, texts);
        for cut in ends[1]..ends[2] {
            let mut zeros = whole[..cut].to_vec();
            zeros.resize(ends[2], 0);
            for torn in [&whole[..cut], &zeros] {
                std::fs::write(&path, torn).unwrap();
                assert_eq!(open().entries, texts[..2], "cut at {cut}");
                assert_eq!(
                    std::fs::read(&path).unwrap(),
                    whole[..ends[1]],
                    "cut at {cut}"
                );
            }
        }
    }
}
