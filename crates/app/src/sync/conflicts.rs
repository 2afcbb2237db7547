//! Cards (B6).

use crate::api::records::Saved;
use crate::api::sync::{Conflicts, ConflictsRequest, SettleConflicts};
use crate::app::App;
use crate::error::{AppError, Result};

pub(crate) fn list(_: &App, _: ConflictsRequest) -> Result<Conflicts> {
    Err(AppError::refused("not_yet"))
}

pub(crate) fn settle(_: &App, _: SettleConflicts) -> Result<Saved> {
    Err(AppError::refused("not_yet"))
}
