//! Customers that go to a colleague, and two that become one.

use crate::api::records::Saved;
use crate::api::sync::{MergeCustomers, TransferCustomers, TransferPreview};
use crate::app::App;
use crate::error::{AppError, Result};

pub(crate) fn preview(_: &App, _: TransferCustomers) -> Result<TransferPreview> {
    Err(AppError::refused("not_yet"))
}

pub(crate) fn transfer(_: &App, _: TransferCustomers) -> Result<Saved> {
    Err(AppError::refused("not_yet"))
}

pub(crate) fn merge(_: &App, _: MergeCustomers) -> Result<Saved> {
    Err(AppError::refused("not_yet"))
}
