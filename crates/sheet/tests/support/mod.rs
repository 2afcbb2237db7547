//! Files of a test's own, and the reading process that looks into them.

#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use ketu_sheet::{Reader, Table};
use tempfile::TempDir;

pub fn reader() -> Reader {
    Reader::new(env!("CARGO_BIN_EXE_ketu-sheet-worker"))
}

/// All rows of a sheet.
pub fn read(path: &Path, sheet: u32) -> Table {
    reader()
        .read(path, sheet, &AtomicBool::new(false), &mut |_, _| {})
        .unwrap()
}

/// A folder that goes with the test.
pub struct Files(TempDir);

impl Files {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn folder(&self) -> &Path {
        self.0.path()
    }

    pub fn put(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.folder().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }
}
