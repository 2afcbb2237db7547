//! Answers of the server that somebody has to look at.

use crate::api::records::Saved;
use crate::api::session::{Done, Nothing};
use crate::api::sync::{Attention, OpRef};
use crate::app::App;
use crate::error::{AppError, Result};

pub(crate) fn list(_: &App, _: Nothing) -> Result<Attention> {
    Err(AppError::refused("not_yet"))
}

pub(crate) fn dismiss(_: &App, _: OpRef) -> Result<Done> {
    Err(AppError::refused("not_yet"))
}

pub(crate) fn retry(_: &App, _: OpRef) -> Result<Saved> {
    Err(AppError::refused("not_yet"))
}
