//! Records while an event is taken in: each is changed here, and what follows from the change is found once, at the end.

use std::collections::{BTreeMap, BTreeSet};

use ketu_model::Catalog;
use ketu_model::authorize::Scope;
use uuid::Uuid;

use super::{Confirmed, Loaded, Local, Mark, Membership, OpState, Own, State, Writes};
use crate::digest;
use crate::message::{Outcome, Sum};
use crate::planted::{Bug, on};
use crate::record::{Row, Seq};

pub(super) struct Taking<'a> {
    pub state: State,
    pub loaded: Loaded,
    catalog: &'a Catalog,
    before: State,
    touched: BTreeMap<Uuid, Local>,
    /// Records whose row came out of this laptop's own copy, with all that was live on top: what is shown already.
    as_shown: BTreeSet<Uuid>,
    pub writes: Writes,
}

impl<'a> Taking<'a> {
    pub fn new(state: &State, loaded: Loaded, catalog: &'a Catalog) -> Self {
        Self {
            state: state.clone(),
            before: state.clone(),
            loaded,
            catalog,
            touched: BTreeMap::new(),
            as_shown: BTreeSet::new(),
            writes: Writes::default(),
        }
    }

    /// A record to be changed.
    pub fn local(&mut self, id: Uuid) -> &mut Local {
        let loaded = &self.loaded.records;
        self.touched
            .entry(id)
            .or_insert_with(|| loaded.get(&id).cloned().unwrap_or_default())
    }

    pub fn note_clock(&mut self, server_now: i64, now: i64) {
        self.state.clock_offset = server_now.saturating_sub(now);
    }

    /// The row that this laptop expects of the server after its answers: what it confirmed last with the answered ops on
    /// top.
    pub fn answered_row(&mut self, id: Uuid, rev: Seq) -> Option<Row> {
        let catalog = self.catalog;
        let local = self.local(id);
        let answered = |own: &&Own| matches!(own.state, OpState::Answered { .. });
        let row = super::replay::over(
            local.base.clone(),
            local.ops.iter().filter(answered),
            catalog,
        );
        row.map(|row| Row { rev, ..row })
    }

    /// Takes a row of [`Self::answered_row`] as the server's.
    pub fn confirm_own(&mut self, row: Row, sum: Sum, proof: Sum) {
        let id = row.id;
        let live = self.loaded.records.get(&id).map_or(0, |before| {
            let live = before.ops.iter().filter(|own| own.state.is_live());
            live.count()
        });
        let in_it =
            |own: &&Own| matches!(own.state, OpState::Answered { .. }) && own.lost.is_empty();
        if self.local(id).ops.iter().filter(in_it).count() == live {
            self.as_shown.insert(id);
        }
        self.confirm(row, sum, Some(proof), false);
    }

    /// Nothing between these seqs has to be pulled.
    pub fn know(&mut self, after: Seq, upto: Seq) {
        match self.state.known.last_mut() {
            Some(last) if last.1 == after => last.1 = upto,
            _ => self.state.known.push((after, upto)),
        }
    }

    /// Takes the server's row, with its sum, if it is not older than what is here.
    pub fn confirm(&mut self, row: Row, sum: Sum, proof: Option<Sum>, whatever_rev: bool) {
        let confirmed = Confirmed {
            rev: row.rev,
            sum,
            proof,
        };
        let local = self.local(row.id);
        let known = local.confirmed.map(|known| known.rev);
        let older = known.is_some_and(|rev| row.rev < rev);
        if older && !whatever_rev {
            return;
        }
        local.confirmed = Some(confirmed);
        local.base = Some(row.clone());
        end_answered(local, row.rev);
        self.writes.confirmed.insert(row.id, (row, confirmed));
    }

    /// As [`Self::confirm`], of all rows of an answer.
    pub fn confirm_all(&mut self, rows: &[Row], proofs: &BTreeMap<Uuid, Sum>, whatever_rev: bool) {
        for row in rows {
            let (sum, proof) = (Sum(row.sum()), proofs.get(&row.id).copied());
            self.confirm(row.clone(), sum, proof, whatever_rev);
        }
    }

    pub fn enter(&mut self, scope: Scope, id: Uuid) {
        let generation = self
            .state
            .scopes
            .get(&scope)
            .map_or(0, |held| held.generation);
        let membership = Membership {
            generation,
            leaving: false,
        };
        self.local(id).scopes.insert(scope, membership);
    }

    /// The record left the scope; what is not answered yet keeps it here until then.
    pub fn leave(&mut self, scope: Scope, id: Uuid) {
        if let Some(membership) = self.local(id).scopes.get_mut(&scope) {
            membership.leaving = true;
        }
    }

    /// What follows from the changes: views, memberships, sums, purges.
    pub fn finish(mut self) -> Writes {
        let touched = std::mem::take(&mut self.touched);
        for (id, mut local) in touched {
            let nothing = Local::default();
            let before = self.loaded.records.get(&id).unwrap_or(&nothing);
            let unanswered = local.ops.iter().any(|own| own.state.is_unanswered());
            if !unanswered || on(Bug::PurgeDropsPending) {
                local.scopes.retain(|_, membership| !membership.leaving);
            }
            let gone = local.scopes.is_empty() && local.confirmed.is_some();
            if gone && (!unanswered || on(Bug::PurgeDropsPending)) {
                local.confirmed = None;
                local.base = None;
                end_answered(&mut local, Seq::MAX);
                if on(Bug::PurgeDropsPending) {
                    for own in &mut local.ops {
                        own.state = OpState::Done {
                            seq: None,
                            outcome: Outcome::Applied,
                        };
                    }
                }
            }
            changes(&id, before, &local, &mut self.writes);
            let waits = local.ops.iter().any(|own| own.state.is_live());
            let is_new = self.writes.confirmed.contains_key(&id);
            if self.as_shown.contains(&id) && is_new && !gone && !waits {
                continue;
            }
            let shown = super::shown(&local, self.catalog);
            let settled = self.writes.confirmed.contains_key(&id)
                && is_settled(before, &local, shown.as_ref(), self.catalog);
            if settled {
                continue;
            }
            let nowhere = local.scopes.is_empty() && local.confirmed.is_none();
            let unanswered = local.ops.iter().any(|own| own.state.is_unanswered());
            if shown.is_none() && nowhere && !unanswered {
                self.writes.purged.insert(id);
                self.writes.confirmed.remove(&id);
            }
            self.writes.views.insert(id, shown);
        }
        if self.state != self.before {
            self.writes.state = Some(self.state);
        }
        self.writes
    }
}

/// Whether nothing of this laptop waits any more, and what it did is what the server has: it is shown as it was.
fn is_settled(before: &Local, after: &Local, shown: Option<&Row>, catalog: &Catalog) -> bool {
    let waits = |local: &Local| local.ops.iter().any(|own| own.state.is_live());
    let as_before = |shown: &Row| {
        let before = super::shown(before, catalog);
        before.is_some_and(|before| {
            Row {
                rev: shown.rev,
                ..before
            } == *shown
        })
    };
    waits(before) && !waits(after) && shown.is_some_and(as_before)
}

/// Ops that stand at or below a seq are shown by the server's row from now on.
pub(super) fn end_answered(local: &mut Local, upto: Seq) {
    for own in &mut local.ops {
        if let OpState::Answered { seq, outcome } = &own.state
            && *seq <= upto
        {
            own.state = OpState::Done {
                seq: Some(*seq),
                outcome: outcome.clone(),
            };
        }
    }
}

/// Memberships, ops and sums that are not as they were.
fn changes(id: &Uuid, before: &Local, after: &Local, writes: &mut Writes) {
    let scopes: BTreeSet<&Scope> = before.scopes.keys().chain(after.scopes.keys()).collect();
    for scope in scopes {
        let (was, is) = (before.scopes.get(scope), after.scopes.get(scope));
        if was != is {
            writes.scopes.insert((*scope, *id), is.copied());
        }
        let counted = |local: &Local, membership: Option<&Membership>| {
            let confirmed = local.confirmed?;
            membership.filter(|m| !m.leaving).map(|_| confirmed.sum.0)
        };
        let (was, is) = (counted(before, was), counted(after, is));
        if was != is {
            let delta = is.unwrap_or(0).wrapping_sub(was.unwrap_or(0));
            digest::add(&mut writes.sums, (*scope, digest::bucket(*id)), delta);
        }
    }
    for own in &after.ops {
        let was: Option<&Own> = before.ops.iter().find(|was| was.op.op_id == own.op.op_id);
        let mark = Mark::of(own);
        if !was.is_some_and(|was| mark.is_on(was)) {
            writes.ops.insert(own.op.op_id, mark);
        }
    }
}
