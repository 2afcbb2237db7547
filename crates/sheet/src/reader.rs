//! The parent's side of reading: starts the reading process, collects what it says, and ends it
//! when it is no longer wanted, takes too long or talks nonsense.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::error::SheetError;
use crate::limits::{Limits, MAX_STREAMED_FILE, check_size, megabytes};
use crate::platform;
use crate::table::Table;
use crate::wire::{self, Frame};
use crate::workbook::Workbook;
use crate::worker::{Task, WORKER_ARGUMENT};

/// How often a waiting parent looks whether it should still wait.
const TICK: Duration = Duration::from_millis(40);
/// Batches that may wait for the parent.
const AHEAD: usize = 4;
/// What Rust says when memory cannot be had, just before it aborts.
const NO_MEMORY: &[u8] = b"memory allocation of";

/// How far a sheet has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Rows read so far that hold something.
    pub rows: usize,
    /// Share of the file, in thousandths.
    pub thousandths: u16,
}

/// Reads spreadsheets through a reading process.
#[derive(Debug, Clone)]
pub struct Reader {
    program: PathBuf,
    limits: Limits,
}

impl Reader {
    /// `program` is one of ours, calling [`crate::worker::run_if_asked`] first in its `main`.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            limits: Limits::default(),
        }
    }

    /// Starts this very program again as the reading process.
    pub fn of_this_program() -> Result<Self, SheetError> {
        Ok(Self::new(std::env::current_exe()?))
    }

    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Begins to look into a file: all that is asked of it is answered before one deadline, which
    /// the limit of time sets from now on, and can be cancelled by one flag.
    pub fn open<'a>(&'a self, path: &'a Path, cancel: &'a AtomicBool) -> Opening<'a> {
        Opening {
            reader: self,
            path,
            cancel,
            deadline: Instant::now() + self.limits.time,
        }
    }

    /// What the file is and which sheets it has.
    pub fn inspect(&self, path: &Path) -> Result<Workbook, SheetError> {
        self.open(path, &AtomicBool::new(false)).inspect()
    }

    /// The first `rows` rows of a sheet that hold something. Stops there: a large file is
    /// answered as fast as a small one.
    pub fn preview(&self, path: &Path, sheet: u32, rows: u32) -> Result<Table, SheetError> {
        self.open(path, &AtomicBool::new(false))
            .preview(sheet, rows)
    }

    /// All rows of a sheet. Another thread may set `cancel`; it is answered within a tenth of a
    /// second. `progress` is called on this thread, after each batch of about a thousand rows, with the table
    /// as far as it has come.
    pub fn read(
        &self,
        path: &Path,
        sheet: u32,
        cancel: &AtomicBool,
        progress: &mut dyn FnMut(&Table, Progress),
    ) -> Result<Table, SheetError> {
        self.open(path, cancel).read(sheet, progress)
    }
}

/// A file being looked into, by [`Reader::open`]. Another thread may set the flag; it is answered
/// within a tenth of a second, here and in every later question.
#[derive(Debug, Clone, Copy)]
pub struct Opening<'a> {
    reader: &'a Reader,
    path: &'a Path,
    cancel: &'a AtomicBool,
    deadline: Instant,
}

impl Opening<'_> {
    /// Another end than the limit of time sets.
    #[must_use]
    pub fn until(mut self, deadline: Instant) -> Self {
        self.deadline = deadline;
        self
    }

    /// What the file is and which sheets it has.
    pub fn inspect(&self) -> Result<Workbook, SheetError> {
        match self.start(None, None)?.next(self.cancel)? {
            Frame::Workbook(workbook) => Ok(workbook),
            Frame::Refused(refusal) => Err(refusal.into()),
            Frame::Rows(..) | Frame::End(_) => Err(SheetError::WorkerDied),
        }
    }

    /// As [`Reader::preview`].
    pub fn preview(&self, sheet: u32, rows: u32) -> Result<Table, SheetError> {
        self.collect(sheet, Some(rows), &mut |_, _| {})
    }

    /// As [`Reader::read`].
    pub fn read(
        &self,
        sheet: u32,
        progress: &mut dyn FnMut(&Table, Progress),
    ) -> Result<Table, SheetError> {
        self.collect(sheet, None, progress)
    }

    fn collect(
        &self,
        sheet: u32,
        rows: Option<u32>,
        progress: &mut dyn FnMut(&Table, Progress),
    ) -> Result<Table, SheetError> {
        let mut running = self.start(Some(sheet), rows)?;
        let mut table = Table::default();
        let most = self.reader.limits.table_memory;
        loop {
            match running.next(self.cancel)? {
                Frame::Rows(batch, thousandths) => {
                    table.append(&batch);
                    if table.memory() > most {
                        return Err(SheetError::TooManyCells {
                            limit_mb: megabytes(most as u64),
                        });
                    }
                    let rows = table.len();
                    let thousandths = thousandths.min(1000);
                    progress(&table, Progress { rows, thousandths });
                }
                Frame::End(end) => {
                    table.merges = end.merges;
                    table.left_out = end.left_out;
                    table.replaced = end.replaced;
                    table.complete = end.complete;
                    table.put_in_order();
                    return Ok(table);
                }
                Frame::Refused(refusal) => return Err(refusal.into()),
                Frame::Workbook(_) => return Err(SheetError::WorkerDied),
            }
        }
    }

    fn start(&self, sheet: Option<u32>, rows: Option<u32>) -> Result<Running, SheetError> {
        let limits = self.reader.limits;
        time_left(self.cancel, self.deadline, limits)?;
        // Asked before opening: opening a pipe would wait for someone to write to it.
        let about = std::fs::metadata(self.path)?;
        if !about.is_file() {
            return Err(SheetError::NotASpreadsheet);
        }
        check_size(about.len(), MAX_STREAMED_FILE)?;
        let task = Task {
            sheet,
            rows,
            memory: limits.worker_memory,
            seconds: limits.time.as_secs().saturating_add(5),
        };
        let mut command = Command::new(&self.reader.program);
        command
            .arg(WORKER_ARGUMENT)
            .arg(serde_json::to_string(&task).map_err(io::Error::from)?)
            .stdin(File::open(self.path)?)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        platform::prepare(&mut command);
        Running::spawn(&mut command, self.deadline, limits)
    }
}

/// Time until the deadline; an error where it is over or nobody waits any more.
fn time_left(
    cancel: &AtomicBool,
    deadline: Instant,
    limits: Limits,
) -> Result<Duration, SheetError> {
    if cancel.load(Ordering::Relaxed) {
        return Err(SheetError::Cancelled);
    }
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(SheetError::TimedOut {
            seconds: limits.time.as_secs(),
        });
    }
    Ok(left)
}

/// A reading process, ended when this is dropped.
struct Running {
    child: Child,
    frames: Option<Receiver<io::Result<Frame>>>,
    listener: Option<JoinHandle<()>>,
    /// Collects the start of what the process complains.
    complaints: Option<JoinHandle<Vec<u8>>>,
    deadline: Instant,
    limits: Limits,
}

impl Running {
    fn spawn(command: &mut Command, deadline: Instant, limits: Limits) -> Result<Self, SheetError> {
        let mut child = command.spawn()?;
        let (mut answers, mut errors) = (child.stdout.take(), child.stderr.take());
        let (sender, frames) = sync_channel(AHEAD);
        let mut running = Self {
            child,
            frames: Some(frames),
            listener: None,
            complaints: None,
            deadline,
            limits,
        };
        let listener = thread::Builder::new().name("sheet-frames".into());
        running.listener = Some(listener.spawn(move || {
            let mut body = Vec::new();
            while let Some(answers) = &mut answers
                && let Some(frame) = wire::read_frame(answers, &mut body).transpose()
            {
                let failed = frame.is_err();
                if sender.send(frame).is_err() || failed {
                    return;
                }
            }
        })?);
        let complaints = thread::Builder::new().name("sheet-errors".into());
        running.complaints = Some(complaints.spawn(move || {
            let mut start = Vec::new();
            if let Some(errors) = &mut errors {
                // What comes after the start is read too, so that the process never waits.
                let _ = errors.by_ref().take(8 * 1024).read_to_end(&mut start);
                let _ = io::copy(errors, &mut io::sink());
            }
            start
        })?);
        Ok(running)
    }

    /// The next frame, or why there is none.
    fn next(&mut self, cancel: &AtomicBool) -> Result<Frame, SheetError> {
        loop {
            let left = time_left(cancel, self.deadline, self.limits)?;
            let Some(frames) = &self.frames else {
                return Err(SheetError::WorkerDied);
            };
            match frames.recv_timeout(left.min(TICK)) {
                Ok(Ok(frame)) => return Ok(frame),
                Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => return Err(self.autopsy()),
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    /// Why the process fell silent in mid-answer.
    fn autopsy(&mut self) -> SheetError {
        // Its output is closed or garbled. One that goes on all the same is not waited for.
        let patience = Instant::now() + Duration::from_secs(2);
        let status = loop {
            match self.child.try_wait() {
                Ok(Some(status)) => break Some(status),
                Ok(None) if Instant::now() < patience => thread::sleep(Duration::from_millis(5)),
                Ok(None) | Err(_) => break None,
            }
        };
        let Some(status) = status else {
            return SheetError::WorkerDied;
        };
        let said = self
            .complaints
            .take()
            .and_then(|complaints| complaints.join().ok())
            .unwrap_or_default();
        if memchr::memmem::find(&said, NO_MEMORY).is_some() || platform::was_killed(status) {
            return SheetError::OutOfMemory {
                limit_mb: megabytes(self.limits.worker_memory),
            };
        }
        SheetError::WorkerDied
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Fails only where it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        // A listener that waits to hand over a frame is let go.
        self.frames = None;
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
        if let Some(complaints) = self.complaints.take() {
            let _ = complaints.join();
        }
    }
}
