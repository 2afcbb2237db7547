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

    /// What the file is and which sheets it has.
    pub fn inspect(&self, path: &Path) -> Result<Workbook, SheetError> {
        let mut running = self.start(path, None, None)?;
        match running.next(&AtomicBool::new(false))? {
            Frame::Workbook(workbook) => Ok(workbook),
            Frame::Refused(refusal) => Err(refusal.into()),
            Frame::Rows(..) | Frame::End(_) => Err(SheetError::WorkerDied),
        }
    }

    /// The first `rows` rows of a sheet that hold something. Stops there: a large file is
    /// answered as fast as a small one.
    pub fn preview(&self, path: &Path, sheet: u32, rows: u32) -> Result<Table, SheetError> {
        let running = self.start(path, Some(sheet), Some(rows))?;
        self.collect(running, &AtomicBool::new(false), &mut |_, _| {})
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
        let running = self.start(path, Some(sheet), None)?;
        self.collect(running, cancel, progress)
    }

    fn collect(
        &self,
        mut running: Running,
        cancel: &AtomicBool,
        progress: &mut dyn FnMut(&Table, Progress),
    ) -> Result<Table, SheetError> {
        let mut table = Table::default();
        loop {
            match running.next(cancel)? {
                Frame::Rows(batch, thousandths) => {
                    table.append(&batch);
                    if table.memory() > self.limits.table_memory {
                        return Err(SheetError::TooManyCells {
                            limit_mb: megabytes(self.limits.table_memory as u64),
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

    fn start(
        &self,
        path: &Path,
        sheet: Option<u32>,
        rows: Option<u32>,
    ) -> Result<Running, SheetError> {
        // Asked before opening: opening a pipe would wait for someone to write to it.
        let about = std::fs::metadata(path)?;
        if !about.is_file() {
            return Err(SheetError::NotASpreadsheet);
        }
        check_size(about.len(), MAX_STREAMED_FILE)?;
        let task = Task {
            sheet,
            rows,
            memory: self.limits.worker_memory,
            seconds: self.limits.time.as_secs().saturating_add(5),
        };
        let mut command = Command::new(&self.program);
        command
            .arg(WORKER_ARGUMENT)
            .arg(serde_json::to_string(&task).map_err(io::Error::from)?)
            .stdin(File::open(path)?)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        platform::prepare(&mut command);
        Running::spawn(&mut command, self.limits)
    }
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
    fn spawn(command: &mut Command, limits: Limits) -> Result<Self, SheetError> {
        let deadline = Instant::now() + limits.time;
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
            if cancel.load(Ordering::Relaxed) {
                return Err(SheetError::Cancelled);
            }
            let left = self.deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(SheetError::TimedOut {
                    seconds: self.limits.time.as_secs(),
                });
            }
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
