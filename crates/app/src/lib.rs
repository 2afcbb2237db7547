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
#[allow(unused, clippy::all)]
mod import {
    use crate::Result;
    use crate::api::event::Event;
    use crate::api::import::*;
    use crate::api::session::*;
    use crate::api::views::Exported;
    use crate::app::Session;
    #[derive(Debug)]
    pub struct Imports;
    impl Imports {
        pub fn new(_: std::path::PathBuf) -> Self {
            Imports
        }
        pub fn open(&self, _: &Session, _: ImportOpen) -> Result<ImportOpened> {
            unreachable!()
        }
        pub fn targets(&self, _: &Session) -> Vec<ImportTarget> {
            unreachable!()
        }
        pub fn plan(
            &self,
            _: &Session,
            _: ImportPlanRequest,
            _: &dyn Fn(&Event),
        ) -> Result<ImportPlanned> {
            unreachable!()
        }
        pub fn rows(&self, _: &Session, _: ImportRowsRequest) -> Result<ImportRows> {
            unreachable!()
        }
        pub fn apply(&self, _: &Session, _: ImportRef, _: &dyn Fn(&Event)) -> Result<Imported> {
            unreachable!()
        }
        pub fn cancel(&self, _: ImportRef) -> Result<Done> {
            unreachable!()
        }
        pub fn close(&self, _: ImportRef) -> Result<Done> {
            unreachable!()
        }
        pub fn failed_rows(&self, _: &Session, _: FailedRowsRequest) -> Result<Exported> {
            unreachable!()
        }
        pub fn template(&self, _: &Session, _: SaveText) -> Result<Exported> {
            unreachable!()
        }
    }
}
mod export {
    pub fn export_view(
        _: &ketu_store::Store,
        _: &str,
        _: &[i64],
        _: &[String],
        _: &str,
        _: &str,
    ) -> crate::Result<crate::api::views::Exported> {
        unreachable!()
    }
}
mod imports;
mod interactions;
mod keys;
mod logging;
mod present;
mod records;
mod reminders;
mod sample;
mod session;
mod texts;
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
