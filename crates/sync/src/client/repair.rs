//! When laptop and server do not agree on what was said: buckets that differ, a restored server, a copied laptop
//! (docs/sync-protocol.md §4.2, §6.2, §7).

use std::collections::BTreeSet;

use uuid::Uuid;

use super::taking::Taking;
use super::{Ask, Loaded, OpState, Own, Vouching};
use crate::message::{Refetch, Refetched, Refusal};
use crate::planted::{Bug, on};
use crate::record::Seq;

pub(super) fn ask(request: &Refetch, reply: &Refetched, loaded: &Loaded) -> Ask {
    let Some(here) = &loaded.buckets else {
        let buckets = request.buckets.iter().copied().collect();
        return Ask {
            buckets: Some((request.scope, buckets)),
            ..Ask::default()
        };
    };
    let there = reply.rows.iter().map(|row| row.id);
    let mut records: BTreeSet<Uuid> = there.chain(here.iter().copied()).collect();
    records.retain(|id| !loaded.records.contains_key(id));
    Ask {
        records,
        ..Ask::default()
    }
}

/// Takes whole buckets as the server has them.
pub(super) fn take(taking: &mut Taking<'_>, request: &Refetch, reply: &Refetched) {
    let there: BTreeSet<Uuid> = reply.rows.iter().map(|row| row.id).collect();
    taking.confirm_all(&reply.rows, &reply.proofs, true);
    for id in &there {
        taking.enter(request.scope, *id);
    }
    for id in taking.loaded.buckets.clone().unwrap_or_default() {
        if !there.contains(&id) {
            taking.leave(request.scope, id);
        }
    }
}

pub(super) fn ask_refused(refusal: &Refusal, loaded: &Loaded) -> Ask {
    match refusal {
        Refusal::Epoch { floor, .. } => {
            let mut ask = Ask::default();
            match (&loaded.above, &loaded.newer) {
                (Some(own), Some(newer)) => {
                    let changed = own.iter().map(|own| own.op.record);
                    ask.records = changed.chain(newer.iter().copied()).collect();
                    ask.records.retain(|id| !loaded.records.contains_key(id));
                }
                _ => {
                    // An answer that changed nothing has the place of the one before it.
                    ask.above = Some(*floor - 1);
                    ask.newer = Some(*floor);
                }
            }
            ask
        }
        Refusal::Clone | Refusal::Gap { .. } => ask_unanswered(loaded),
        _ => Ask::default(),
    }
}

pub(super) fn ask_unanswered(loaded: &Loaded) -> Ask {
    let Some(own) = &loaded.unanswered else {
        return Ask {
            unanswered: true,
            ..Ask::default()
        };
    };
    let mut records: BTreeSet<Uuid> = own.iter().map(|own| own.op.record).collect();
    records.retain(|id| !loaded.records.contains_key(id));
    Ask {
        records,
        ..Ask::default()
    }
}

pub(super) fn refused(taking: &mut Taking<'_>, refusal: &Refusal, fresh: Uuid) {
    match refusal {
        Refusal::Epoch { epoch, floor } => new_epoch(taking, *epoch, *floor, fresh),
        // A gap is a server that forgot: the same cure.
        Refusal::Clone | Refusal::Gap { .. } => renumber(taking, fresh),
        _ => {}
    }
}

/// A new incarnation, under which everything that is not answered is sent again.
pub(super) fn renumber(taking: &mut Taking<'_>, incarnation: Uuid) {
    taking.state.incarnation = incarnation;
    taking.state.next_op_seq = 1;
    for own in taking.loaded.unanswered.clone().unwrap_or_default() {
        again(taking, &own, None);
    }
}

/// The server forgot everything above `floor`: its rows are vouched for, what stood there is sent again, and all scopes are
/// read anew (§7.1).
fn new_epoch(taking: &mut Taking<'_>, epoch: Uuid, floor: Seq, fresh: Uuid) {
    taking.writes.backup_first = true;
    taking.state.epoch = epoch;
    taking.state.incarnation = fresh;
    taking.state.next_op_seq = 1;
    taking.state.known.clear();
    taking.state.checkpoint = taking.state.checkpoint.min(floor);
    taking.state.vouching = (!on(Bug::PullWithoutVouching)).then(Vouching::default);
    for held in taking.state.scopes.values_mut() {
        held.cursor = None;
    }
    let above = taking.loaded.above.clone().unwrap_or_default();
    let there: BTreeSet<Uuid> = above.iter().map(|own| own.op.op_id).collect();
    for own in above {
        // What carried it went with another record (§5.5): it would never be answered.
        if own.carrier.is_some_and(|carrier| !there.contains(&carrier)) {
            continue;
        }
        let was = match own.state {
            OpState::Answered { seq, .. } => Some(seq),
            OpState::Done { seq, .. } => seq,
            OpState::Pending | OpState::Sent => None,
        };
        if own.state.is_unanswered() || !on(Bug::EpochWithoutResend) {
            again(taking, &own, was);
        }
    }
    // Ops that were over are live again, and stand before those that were made after them.
    let order: Vec<Uuid> = taking
        .loaded
        .above
        .iter()
        .flatten()
        .map(|own| own.op.op_id)
        .collect();
    let records: BTreeSet<Uuid> = taking
        .loaded
        .above
        .iter()
        .flatten()
        .map(|own| own.op.record)
        .collect();
    for id in records {
        let place = |own: &Own| order.iter().position(|id| *id == own.op.op_id);
        taking.local(id).ops.sort_by_key(place);
    }
    for id in taking.loaded.newer.clone().unwrap_or_default() {
        if let Some(confirmed) = &mut taking.local(id).confirmed {
            confirmed.rev = 0;
        }
        taking.writes.doubted.insert(id);
    }
}

/// Puts an op back into the outbox.
fn again(taking: &mut Taking<'_>, own: &Own, was: Option<Seq>) {
    let mut own = own.clone();
    own.op.op_seq = 0;
    own.op.was.extend(was);
    own.lost.clear();
    own.state = OpState::Pending;
    let local = taking.local(own.op.record);
    match local
        .ops
        .iter_mut()
        .find(|known| known.op.op_id == own.op.op_id)
    {
        Some(known) => *known = own,
        None => local.ops.push(own),
    }
}
