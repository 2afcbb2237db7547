//! The real stores: laptops' encrypted files, the server's SQLite file and PostgreSQL.

#[path = "../../../../crates/server/tests/suite/cluster.rs"]
mod cluster;
mod database;
mod file;
pub mod killed;

use std::fmt::{Debug, Display};

use tempfile::TempDir;
use uuid::Uuid;

use crate::beside::{FileBeside, ServerBeside, Stores};
use crate::oracle::Fault;
use database::Beside;
pub use database::miscount;
use file::RealFile;

/// Laptops with encrypted files, and a server with a SQLite file.
pub fn sqlite() -> Box<dyn Stores> {
    Box::new(Sqlite)
}

/// A server with PostgreSQL.
pub fn postgres() -> Box<dyn Stores> {
    Box::new(Postgres)
}

struct Sqlite;
struct Postgres;

impl Stores for Sqlite {
    fn file(&self, incarnation: Uuid) -> Result<Option<Box<dyn FileBeside>>, Fault> {
        Ok(Some(Box::new(RealFile::begin(incarnation)?)))
    }

    fn server(&self) -> Result<Option<Box<dyn ServerBeside>>, Fault> {
        Ok(Some(Box::new(Beside::sqlite()?)))
    }
}

impl Stores for Postgres {
    fn file(&self, _: Uuid) -> Result<Option<Box<dyn FileBeside>>, Fault> {
        Ok(None)
    }

    fn server(&self) -> Result<Option<Box<dyn ServerBeside>>, Fault> {
        Ok(Some(Box::new(Beside::postgres()?)))
    }
}

fn broke(error: impl Display) -> Fault {
    format!("a real store broke: {error}")
}

/// Where two begin to differ: whole replies are too long to read.
fn differ(what: &str, here: &impl Debug, there: &impl Debug) -> Fault {
    const BEFORE: usize = 300;
    const AFTER: usize = 600;
    let (here, there) = (format!("{here:?}"), format!("{there:?}"));
    let same = here.chars().zip(there.chars());
    let same = same.take_while(|(one, other)| one == other).count();
    let part = |text: &str| -> String {
        let from = text.chars().skip(same.saturating_sub(BEFORE));
        from.take(BEFORE + AFTER).collect()
    };
    format!(
        "{what}: the store has … {} … the memory … {} …",
        part(&here),
        part(&there)
    )
}

/// In memory where there is such a folder: what is tried here is not the disk.
fn folder() -> Result<TempDir, Fault> {
    let memory = std::path::Path::new("/dev/shm");
    let folder = match memory.is_dir() {
        true => tempfile::tempdir_in(memory),
        false => tempfile::tempdir(),
    };
    folder.map_err(broke)
}
