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
    touched: BTreeMap<Uuid, Touched>,
    /// Records whose row came out of this laptop's own copy, with all that was live on top: what is shown already.
    as_shown: BTreeSet<Uuid>,
    pub writes: Writes,
}

/// A record that is being changed.
#[derive(Default)]
struct Touched {
    now: Local,
    before: Before,
}

/// What a record was, as far as something follows from its being another now.
#[derive(Default)]
struct Before {
    confirmed: Option<Confirmed>,
    scopes: BTreeMap<Scope, Membership>,
    ops: Vec<(Uuid, Mark)>,
    /// The row in whose place another one is.
    base: Option<Row>,
}

impl Before {
    fn of(local: &Local) -> Self {
        Self {
            confirmed: local.confirmed,
            scopes: local.scopes.clone(),
            ops: marks(&local.ops).collect(),
            base: None,
        }
    }

    fn mark(&self, op: Uuid) -> Option<&Mark> {
        let mut marks = self.ops.iter();
        marks.find_map(|(id, mark)| (*id == op).then_some(mark))
    }

    /// How many ops its view had.
    fn live(&self) -> usize {
        let live = self.ops.iter().filter(|(_, mark)| mark.state.is_live());
        live.count()
    }
}

fn marks(ops: &[Own]) -> impl Iterator<Item = (Uuid, Mark)> {
    ops.iter().map(|own| (own.op.op_id, Mark::of(own)))
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
        &mut self.touched(id).now
    }

    fn touched(&mut self, id: Uuid) -> &mut Touched {
        let loaded = &mut self.loaded.records;
        self.touched.entry(id).or_insert_with(|| {
            let now = loaded.remove(&id).unwrap_or_default();
            Touched {
                before: Before::of(&now),
                now,
            }
        })
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
        let Touched { now, before } = self.touched(id);
        let in_it =
            |own: &&Own| matches!(own.state, OpState::Answered { .. }) && own.lost.is_empty();
        if now.ops.iter().filter(in_it).count() == before.live() {
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
        let is_first = !self.writes.confirmed.contains_key(&row.id);
        let Touched { now, before } = self.touched(row.id);
        let known = now.confirmed.map(|known| known.rev);
        let older = known.is_some_and(|rev| row.rev < rev);
        if older && !whatever_rev {
            return;
        }
        now.confirmed = Some(confirmed);
        let replaced = now.base.replace(row.clone());
        if is_first {
            before.base = replaced;
        }
        end_answered(now, row.rev);
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
        for (id, touched) in touched {
            let Touched {
                now: mut local,
                before,
            } = touched;
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
            changes(&id, &before, &local, &mut self.writes);
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
fn is_settled(before: Before, after: &Local, shown: Option<&Row>, catalog: &Catalog) -> bool {
    if before.live() == 0 || after.ops.iter().any(|own| own.state.is_live()) {
        return false;
    }
    let Some(shown) = shown else {
        return false;
    };
    let mut ops = after.ops.clone();
    ops.retain_mut(|own| match before.mark(own.op.op_id) {
        Some(mark) => {
            mark.clone().put_on(own);
            own.state.is_live()
        }
        None => false,
    });
    let before = super::replay::over(before.base, ops.iter(), catalog);
    before.is_some_and(|before| {
        Row {
            rev: shown.rev,
            ..before
        } == *shown
    })
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
fn changes(id: &Uuid, before: &Before, after: &Local, writes: &mut Writes) {
    let scopes: BTreeSet<&Scope> = before.scopes.keys().chain(after.scopes.keys()).collect();
    for scope in scopes {
        let (was, is) = (before.scopes.get(scope), after.scopes.get(scope));
        if was != is {
            writes.scopes.insert((*scope, *id), is.copied());
        }
        let counted = |confirmed: Option<Confirmed>, membership: Option<&Membership>| {
            let confirmed = confirmed?;
            membership.filter(|m| !m.leaving).map(|_| confirmed.sum.0)
        };
        let (was, is) = (counted(before.confirmed, was), counted(after.confirmed, is));
        if was != is {
            let delta = is.unwrap_or(0).wrapping_sub(was.unwrap_or(0));
            digest::add(&mut writes.sums, (*scope, digest::bucket(*id)), delta);
        }
    }
    for (op, mark) in marks(&after.ops) {
        if before.mark(op) != Some(&mark) {
            writes.ops.insert(op, mark);
        }
    }
}
