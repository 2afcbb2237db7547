//! The answers to a push (docs/sync-protocol.md §3, §5.6).

use ketu_model::authorize::Scope;

use super::taking::{Taking, end_answered};
use super::{Ask, Loaded, OpState};
use crate::message::{Answer, Outcome, Pushed, Stands};
use crate::planted::{Bug, on};

pub(super) fn ask(reply: &Pushed, loaded: &Loaded) -> Ask {
    let mut ask = Ask::default();
    for answer in &reply.answers {
        match loaded.ops.get(&answer.op_id) {
            None => drop(ask.ops.insert(answer.op_id)),
            Some(records) => {
                let unknown = records.iter().filter(|id| !loaded.records.contains_key(id));
                ask.records.extend(unknown);
            }
        }
    }
    ask
}

pub(super) fn take(taking: &mut Taking<'_>, reply: &Pushed, now: i64) {
    taking.note_clock(reply.now, now);
    if taking.state.epoch.is_nil() {
        taking.state.epoch = reply.epoch;
    }
    // What was to be vouched for was, before this was asked.
    taking.state.vouching = None;
    for answer in &reply.answers {
        let records = taking.loaded.ops.get(&answer.op_id).cloned();
        for id in records.into_iter().flatten() {
            let local = taking.local(id);
            for own in &mut local.ops {
                let is_it = own.op.op_id == answer.op_id || own.carrier == Some(answer.op_id);
                if is_it && own.state.is_unanswered() {
                    own.state = state_of(answer);
                    if let Outcome::Merged { lost } = &answer.outcome {
                        own.lost.clone_from(lost);
                    }
                    if own.state == OpState::Pending {
                        own.op.op_seq = 0;
                    }
                }
            }
            if let Some(confirmed) = local.confirmed {
                end_answered(local, confirmed.rev);
            }
        }
    }
    if let Some(stands) = &reply.stands {
        take_own(taking, stands);
    }
}

/// Takes what the push did out of this laptop's own copy, if that is what stands at the server (§5.9). Otherwise it is
/// pulled like everything else.
fn take_own(taking: &mut Taking<'_>, stands: &Stands) {
    let held = |scope: &Scope| {
        let held = taking.state.scopes.get(scope);
        let cursor = held.and_then(|held| held.cursor.as_ref());
        cursor.is_some_and(|cursor| cursor.snapshot.is_none())
    };
    if !stands.entries.keys().all(held) {
        return;
    }
    let mut rows = Vec::with_capacity(stands.rows.len());
    for (id, stand) in &stands.rows {
        match taking.answered_row(*id, stand.rev) {
            Some(row) if row.sum() == stand.sum.0 || on(Bug::OwnUnlooked) => {
                rows.push((row, stand));
            }
            _ => return,
        }
    }
    for (row, stand) in rows {
        taking.confirm_own(row, stand.sum, stand.proof);
    }
    for (scope, ids) in &stands.entries {
        for id in ids {
            taking.enter(*scope, *id);
        }
    }
    taking.know(stands.after, stands.upto);
}

/// Where an op stands after its answer.
fn state_of(answer: &Answer) -> OpState {
    let outcome = answer.outcome.clone();
    let seq = answer.seq;
    match &answer.outcome {
        Outcome::Deferred { .. } => OpState::Pending,
        Outcome::Rejected { .. } if on(Bug::RejectedBlocks) => OpState::Sent,
        Outcome::Rejected { .. } => OpState::Done { seq: None, outcome },
        Outcome::Applied | Outcome::Merged { .. } if answer.changed => {
            OpState::Answered { seq, outcome }
        }
        _ => OpState::Done {
            seq: Some(seq),
            outcome,
        },
    }
}
