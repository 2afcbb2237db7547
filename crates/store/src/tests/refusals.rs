//! Files that are refused, byte by byte as they were.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use rusqlite::config::DbConfig;

use super::raw;
use super::support::{Laptop, customer};
use crate::OpenError;
use crate::file::{BackupReason, FILE_VERSION, restore};

/// What the folder holds; an empty log says nothing.
fn content(laptop: &Laptop) -> BTreeMap<PathBuf, Vec<u8>> {
    let names = ["ketu.db", "ketu.db-wal", "ketu.keys", "ketu.keys.copy"];
    let paths = names.map(|name| laptop.dir.path().join(name));
    let content = paths
        .into_iter()
        .filter_map(|path| Some((path.clone(), fs::read(path).ok()?)));
    content.filter(|(_, bytes)| !bytes.is_empty()).collect()
}

#[test]
fn a_file_of_a_newer_version_is_refused_and_keeps_every_byte() {
    let mut laptop = Laptop::new();
    laptop.add(customer("华科"));
    let newer = raw(&laptop);
    laptop.close();
    // The newer version was cut off: its last writes stand in the write-ahead log alone.
    newer
        .pragma_update(None, "user_version", FILE_VERSION + 1)
        .unwrap();
    newer
        .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
        .unwrap();
    drop(newer);
    let before = content(&laptop);
    assert!(before.len() == 4, "{:?}", before.keys());
    let recovery = laptop.recovery.clone();
    for opened in [laptop.open(), laptop.recover(&recovery)] {
        match opened {
            Err(OpenError::Newer { found, known }) => {
                assert_eq!((found, known), (FILE_VERSION + 1, FILE_VERSION));
            }
            other => panic!("{other:?}"),
        }
        assert!(content(&laptop) == before, "something was written");
    }
}

#[test]
fn a_database_of_another_program_is_foreign_and_keeps_every_byte() {
    let mut laptop = Laptop::new();
    let other = raw(&laptop);
    laptop.close();
    other.pragma_update(None, "application_id", 7).unwrap();
    drop(other);
    let before = content(&laptop);
    assert!(matches!(laptop.open(), Err(OpenError::Foreign)));
    assert!(content(&laptop) == before);
}

#[test]
fn a_backup_of_a_newer_version_is_not_restored() {
    let mut laptop = Laptop::new();
    let key = laptop.store().key().clone();
    let backup = laptop.store().back_up(BackupReason::Manual).unwrap();
    laptop.close();
    let copy = laptop
        .folder()
        .backups()
        .join(format!("{}.db", backup.name));
    crate::file::beside(&copy, &key)
        .unwrap()
        .pragma_update(None, "user_version", FILE_VERSION + 1)
        .unwrap();
    let refused = restore(&laptop.location(), &backup.name, None);
    assert!(
        matches!(refused, Err(OpenError::Newer { .. })),
        "{refused:?}"
    );
    laptop.open().unwrap();
}
