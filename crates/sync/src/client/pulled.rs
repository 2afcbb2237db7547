//! A page of a pull (docs/sync-protocol.md §5).

use ketu_model::authorize::Scope;

use super::taking::{Taking, end_answered};
use super::{Ask, Loaded, State};
use crate::message::{Cursor, Pulled};
use crate::planted::{Bug, on};
use crate::record::Seq;

/// Scopes whose snapshot ends with this page, and the generation that it named; and scopes that are no longer granted.
fn ending(reply: &Pulled, state: &State) -> Vec<(Scope, u32)> {
    let mut ending = Vec::new();
    for (scope, cursor) in &reply.cursors {
        let held = state.scopes.get(scope);
        let fresh = reply.fresh.contains(scope);
        let was_reading = held
            .and_then(|held| held.cursor.as_ref())
            .is_some_and(|cursor| cursor.snapshot.is_some());
        if cursor.snapshot.is_none() && (fresh || was_reading) && !on(Bug::SnapshotKeepsStale) {
            let generation = held.map_or(0, |held| held.generation) + u32::from(fresh);
            ending.push((*scope, generation));
        }
    }
    ending.extend(revoked(reply, state).map(|scope| (scope, u32::MAX)));
    ending
}

/// Scopes that the laptop has and is not granted any more.
fn revoked<'a>(reply: &'a Pulled, state: &'a State) -> impl Iterator<Item = Scope> + 'a {
    let held = state.scopes.keys().copied();
    held.filter(|scope| !reply.cursors.contains_key(scope) && !on(Bug::RevokedStillHeld))
}

pub(super) fn ask(reply: &Pulled, state: &State, loaded: &Loaded) -> Ask {
    let mut ask = Ask::default();
    let ending = ending(reply, state);
    let unread = ending
        .iter()
        .filter(|(scope, _)| !loaded.stale.contains_key(scope));
    ask.stale = unread.copied().collect();
    ask.waiting = reply.done && loaded.waiting.is_none();
    let named = reply.entries.iter().map(|entry| entry.id);
    let rows = reply.rows.iter().map(|row| row.id);
    let stale = loaded.stale.values().flatten().copied();
    let waiting = loaded.waiting.iter().flatten().copied();
    ask.records = named.chain(rows).chain(stale).chain(waiting).collect();
    ask.records.retain(|id| !loaded.records.contains_key(id));
    ask
}

pub(super) fn take(taking: &mut Taking<'_>, reply: &Pulled, now: i64) {
    taking.note_clock(reply.now, now);
    if taking.state.epoch.is_nil() {
        taking.state.epoch = reply.epoch;
    }
    taking.state.vouching = None;
    let ending = ending(reply, &taking.state);
    for (scope, cursor) in &reply.cursors {
        let held = taking.state.scopes.entry(*scope).or_default();
        held.cursor = Some(cursor.clone());
        held.generation += u32::from(reply.fresh.contains(scope));
    }
    // Of what every scope is read beyond nothing needs to be said any more.
    let read = |cursor: &Cursor| cursor.snapshot.map_or(cursor.seq, |_| 0);
    let least = reply.cursors.values().map(read).min().unwrap_or(Seq::MAX);
    taking.state.known.retain(|(_, upto)| *upto > least);
    taking.confirm_all(&reply.rows, &reply.proofs, false);
    // First what enters, then what leaves: a record that changes scope is not purged in between.
    for entry in reply.entries.iter().filter(|entry| !entry.leave) {
        taking.enter(entry.scope, entry.id);
    }
    for entry in reply.entries.iter().filter(|entry| entry.leave) {
        taking.leave(entry.scope, entry.id);
    }
    for (scope, generation) in ending {
        let stale = taking.loaded.stale.get(&scope).cloned().unwrap_or_default();
        for id in stale {
            // It may be named in this very page.
            let local = taking.local(id);
            let named = local.scopes.get(&scope);
            if named.is_some_and(|membership| membership.generation < generation) {
                taking.leave(scope, id);
            }
        }
    }
    let revoked: Vec<Scope> = revoked(reply, &taking.state).collect();
    for scope in revoked {
        taking.state.scopes.remove(&scope);
    }
    if reply.done {
        taking.state.checkpoint = reply.head;
        for id in taking.loaded.waiting.clone().unwrap_or_default() {
            end_answered(taking.local(id), reply.head);
        }
    }
    taking.writes.history = reply.history.clone();
    taking.writes.stubs = reply.stubs.clone();
}
