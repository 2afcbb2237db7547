//! How much of a file is taken in before it is refused, so that no file can harm the program
//! that was only asked to look at it.

use std::time::Duration;

use crate::error::SheetError;

/// Columns of a table; what lies further right is counted, not kept.
pub const MAX_COLUMNS: usize = 200;
/// Rows of a table, which is what a worksheet can have.
pub const MAX_ROWS: u32 = 1_048_576;

const MB: u64 = 1024 * 1024;
/// A file that is read as a stream.
pub(crate) const MAX_STREAMED_FILE: u64 = 300 * MB;
/// A file of a format that has to be held in memory whole.
pub(crate) const MAX_HELD_FILE: u64 = 50 * MB;
/// What the parts of a streamed file may unpack to, all together.
pub(crate) const MAX_UNPACKED: u64 = 3 * 1024 * MB;
/// Parts in one file.
pub(crate) const MAX_ENTRIES: usize = 2_000;
/// Unpacked bytes for each packed one. Blank styled rows reach some 30.
pub(crate) const MAX_RATIO: u64 = 200;
/// Below this the ratio proves nothing.
pub(crate) const RATIO_FLOOR: u64 = 16 * MB;

/// What a caller may want otherwise.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Time for one question, from start to last row; for all questions of one opening together.
    pub time: Duration,
    /// Memory of the reading process, in bytes.
    pub worker_memory: u64,
    /// Memory of the table that is handed back, in bytes.
    pub table_memory: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(60),
            worker_memory: 500 * MB,
            table_memory: 512 * 1024 * 1024,
        }
    }
}

pub(crate) fn check_size(size: u64, limit: u64) -> Result<(), SheetError> {
    if size > limit {
        return Err(SheetError::TooLarge {
            limit_mb: limit / MB,
        });
    }
    Ok(())
}

pub(crate) const fn megabytes(bytes: u64) -> u64 {
    bytes / MB
}
