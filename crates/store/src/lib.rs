//! Where things live: one encrypted SQLite file with one door for writes, lists and search over it,
//! history, undo and backups.

mod columns;
mod door;
mod each;
mod error;
pub mod file;
mod history;
mod ids;
mod journal;
mod migrations;
mod read;
mod readers;
mod schema;
pub mod search;
mod secret;
mod select;
mod store;
pub mod sync;

#[cfg(test)]
extern crate self as ketu_store;
#[cfg(test)]
mod tests;

pub use door::{Change, Committed, Door, Draft, Kept, Mode, Prepared, Seen, TakenBack, Write};
pub use each::PartOfRecord;
pub use error::{OpenError, Result, StoreError};
pub use history::{LogRow, Step};
pub use read::{Reader, StoredRecord};
pub use select::Select;
pub use store::{Location, Store};
