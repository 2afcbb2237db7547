//! Finding records as people type: names, phones and codes in memory, long text in the file.

pub mod arena;
mod index;
pub mod text;

pub use index::{Found, Index, RecordHit};
