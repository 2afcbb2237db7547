//! Saying rows back to a server that forgot them (docs/sync-protocol.md §7.7).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::State;
use super::taking::Taking;
use crate::message::{MAX_BYTES, MAX_OPS, VERSION, Vouch, Vouched};
use crate::record::Row;

/// How far the vouching is: records that are their own root go first, then all others, each by ascending id.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Vouching {
    /// Whether it came to what hangs below others.
    pub below: bool,
    /// The last one that was vouched for.
    pub after: Uuid,
}

impl Vouching {
    /// Where a row stands in this order.
    pub fn of(row: &Row) -> Self {
        Self {
            below: row.root != row.id,
            after: row.id,
        }
    }
}

/// The next vouch out of the doubted rows beyond `State::vouching`, in its order: each as the server sent it, with the rev
/// and the proof that it came with. `None` when none is left.
pub fn vouch(state: &State, doubted: impl IntoIterator<Item = Vouched>) -> Option<Vouch> {
    let (mut rows, mut bytes) = (Vec::new(), 0);
    for vouched in doubted {
        bytes += vouched.size();
        let full = rows.len() == MAX_OPS || bytes > MAX_BYTES;
        if full && !rows.is_empty() {
            break;
        }
        rows.push(vouched);
    }
    (!rows.is_empty()).then_some(Vouch {
        v: VERSION,
        epoch: state.epoch,
        incarnation: state.incarnation,
        rows,
    })
}

/// The server heard these rows. They stay doubted until they come back.
pub(super) fn take(taking: &mut Taking<'_>, request: &Vouch, server_now: i64, now: i64) {
    taking.note_clock(server_now, now);
    let last = request
        .rows
        .iter()
        .map(|vouched| Vouching::of(&vouched.row));
    if let (Some(last), Some(vouching)) = (last.max(), &mut taking.state.vouching)
        && request.epoch == taking.state.epoch
    {
        *vouching = last.max(*vouching);
    }
}
