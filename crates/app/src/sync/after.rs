//! What a session with the server makes possible: customers of a laptop that joined become one with the company's own.

use super::account::Account;
use super::round::{Line, Stopped};
use crate::api::sync::MergeCustomers;
use crate::app::App;
use crate::transfer;

/// Says whether there is something to tell the server now.
pub(super) fn session(app: &App, line: &mut Line) -> Result<bool, Stopped> {
    if line.account.merges.is_empty() {
        return Ok(false);
    }
    let store = app.session()?.store;
    for (other, record) in std::mem::take(&mut line.account.merges) {
        // A colleague may have moved or merged the company's customer meanwhile: then both stand, and a card says so.
        if let Err(error) = transfer::merge(app, MergeCustomers { record, other }) {
            tracing::warn!(%error, %record, %other, "two customers could not be made one");
        }
    }
    // Other parts of the account may be newer on disk.
    if let Some(mut account) = Account::load(&store)? {
        account.merges.clear();
        account.keep(&store)?;
    }
    Ok(true)
}
