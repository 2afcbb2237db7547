//! What people do: one module for each use, and the one `dispatch` that every front door calls.

pub mod api;
mod app;
mod background;
mod backups;
mod board;
mod customers;
mod doctor;
mod duplicates;
pub mod error;
pub mod export;
pub mod import;
mod imports;
mod interactions;
mod keys;
mod logging;
mod present;
mod records;
mod reminders;
mod rights;
mod sample;
mod session;
pub mod sync;
mod texts;
mod transfer;
mod views;

pub use api::dispatch::typescript;
pub use api::event::{DueReminder, Event};
pub use app::{App, Options, Session};
pub use error::{ApiError, AppError, Result};
pub use logging::init_logging;

/// Reads a spreadsheet and ends the process, where that is what it was started for. The first call
/// of every `main`.
pub fn run_worker_if_asked() {
    ketu_sheet::worker::run_if_asked();
}
