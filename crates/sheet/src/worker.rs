//! The reading process: the same program started again with a hidden first argument, a file as
//! its standard input and frames as its standard output. A file that makes a reader panic, loop
//! or ask for all the memory there is takes down this process and nothing else.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::{Deserialize, Serialize};

use crate::error::{Refusal, SheetError};
use crate::kind::Opened;
use crate::platform;
use crate::read;
use crate::wire;

/// The argument that makes any of our programs a reading process.
pub const WORKER_ARGUMENT: &str = "--ketu-read-sheet";

/// What the parent wants to know; the second argument, as JSON. The file's name is not in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Task {
    /// The sheet to read; only the list of sheets where there is none.
    pub sheet: Option<u32>,
    /// Rows wanted, where not all.
    pub rows: Option<u32>,
    /// Bytes of memory it may use.
    pub memory: u64,
    /// Seconds of processor time it may use, should its parent be gone.
    pub seconds: u64,
}

/// Call this first in `main`. Where this process was started to read a spreadsheet, reads it
/// and exits; else returns at once.
pub fn run_if_asked() {
    let mut arguments = std::env::args_os().skip(1);
    if arguments
        .next()
        .is_none_or(|first| first != WORKER_ARGUMENT)
    {
        return;
    }
    let task = arguments
        .next()
        .and_then(|task| serde_json::from_str(task.to_str()?).ok());
    let code = match task.map(serve) {
        Some(Ok(())) => 0,
        // The parent is gone, or never was one.
        Some(Err(_)) | None => 1,
    };
    std::process::exit(code);
}

fn serve(task: Task) -> io::Result<()> {
    // A panic's message may quote the file; the parent learns that there was one, no more.
    std::panic::set_hook(Box::new(|_| {}));
    platform::limit_this_process(task.memory, task.seconds);
    let mut out = BufWriter::with_capacity(256 * 1024, io::stdout().lock());
    let answer = catch_unwind(AssertUnwindSafe(|| {
        platform::standard_input()
            .map_err(SheetError::from)
            .and_then(|file| answer(file, task, &mut out))
    }));
    let refusal = match answer {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(Refusal::from(error)),
        Err(_) => Some(Refusal::Damaged { row: 0 }),
    };
    if let Some(refusal) = refusal {
        wire::write_refusal(&mut out, &refusal)?;
    }
    out.flush()
}

fn answer(file: File, task: Task, out: &mut impl Write) -> Result<(), SheetError> {
    let mut opened = Opened::from_file(file)?;
    let Some(sheet) = task.sheet else {
        let workbook = read::list_sheets(&mut opened)?;
        return Ok(wire::write_workbook(out, &workbook)?);
    };
    let mut buffer = Vec::new();
    let end = read::read_sheet(&mut opened, sheet, task.rows, &mut |batch, thousandths| {
        Ok(wire::write_rows(out, batch, thousandths, &mut buffer)?)
    })?;
    Ok(wire::write_end(out, &end)?)
}
