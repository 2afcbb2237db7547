//! What a session with the server makes possible: customers of a laptop that joined become one with the company's own, and
//! records get numbers that the server lends (docs/sync-protocol.md §4.6, §4.10).

use ketu_store::Write;

use super::account::Account;
use super::round::{self, Line, Stopped};
use crate::api::sync::MergeCustomers;
use crate::app::App;
use crate::transfer;

/// Says whether there is something to tell the server now.
pub(super) async fn session(app: &App, line: &mut Line) -> Result<bool, Stopped> {
    let merged = merge(app, line)?;
    Ok(numbers(app, line).await? || merged)
}

/// Asks for numbers where few are left, and puts them in the place of provisional ones.
async fn numbers(app: &App, line: &mut Line) -> Result<bool, Stopped> {
    let now = app.clock().now();
    let wanted = app
        .session()?
        .store
        .read(|reader| reader.leases_wanted(now))?;
    for (series, count) in wanted {
        round::lease(app, line, series, count).await?;
    }
    let session = app.session()?;
    let replaced = session
        .store
        .transact(Write::numbering(session.user), |door| {
            door.replace_provisional_numbers()
        })?;
    app.announce(&replaced.changes);
    Ok(replaced.value > 0)
}

fn merge(app: &App, line: &mut Line) -> Result<bool, Stopped> {
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
