//! One process at a time holds a data folder. The system drops the lock when its holder dies.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};

use super::Folder;
use crate::error::{OpenError, StoreError};

#[derive(Debug)]
pub struct FolderLock(#[allow(dead_code, reason = "held for the system's sake")] File);

impl FolderLock {
    /// Takes the folder, or tells who has it. `owner` is what the next one is told.
    pub fn take(folder: &Folder, owner: &str) -> Result<Self, OpenError> {
        let path = folder.lock();
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(StoreError::io("open", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut owner = String::new();
                // The name is a courtesy; Windows keeps a locked file from being read.
                let _ = file.read_to_string(&mut owner);
                return Err(OpenError::InUse { owner });
            }
            Err(TryLockError::Error(error)) => {
                return Err(StoreError::io("lock", &path)(error).into());
            }
        }
        let write = |file: &mut File| {
            file.set_len(0)?;
            file.rewind()?;
            file.write_all(owner.as_bytes())
        };
        write(&mut file).map_err(StoreError::io("write", &path))?;
        Ok(Self(file))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_second_process_is_told_who_holds_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::new(dir.path());
        let first = FolderLock::take(&folder, "李雷").unwrap();
        match FolderLock::take(&folder, "韩梅梅") {
            Err(OpenError::InUse { owner }) => assert_eq!(owner, "李雷"),
            other => panic!("the folder was given twice: {other:?}"),
        }
        drop(first);
        assert!(FolderLock::take(&folder, "韩梅梅").is_ok());
    }
}
