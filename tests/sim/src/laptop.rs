//! A laptop's adapter over memory: its file, what it shows, and what its user does.

use std::collections::{BTreeMap, BTreeSet};

use ketu_model::Catalog;
use ketu_model::authorize::Scope;
use ketu_model::clock::Hlc;
use ketu_sync::client::{
    self, Around, Ask, Event, Loaded, Local, OpState, Own, Session, State, Step, Trouble, Vouching,
    Writes,
};
use ketu_sync::digest::{self, BUCKETS};
use ketu_sync::message::{HistoryEntry, Op, Outcome, Push, Reply, Request, Sum, Vouched};
use ketu_sync::record::Row;
use uuid::Uuid;

/// What is on the laptop's disk.
#[derive(Debug, Clone)]
pub struct File {
    pub state: State,
    pub records: BTreeMap<Uuid, Local>,
    /// What is shown.
    pub views: BTreeMap<Uuid, Row>,
    /// Every op that was ever made here, in order.
    pub order: Vec<Uuid>,
    pub ops: BTreeMap<Uuid, Own>,
    sums: BTreeMap<Scope, Vec<Sum>>,
    pub history: BTreeMap<Uuid, HistoryEntry>,
    pub hlc: Hlc,
}

impl File {
    pub fn new(incarnation: Uuid) -> Self {
        Self {
            state: State::new(incarnation),
            records: BTreeMap::new(),
            views: BTreeMap::new(),
            order: Vec::new(),
            ops: BTreeMap::new(),
            sums: BTreeMap::new(),
            history: BTreeMap::new(),
            hlc: Hlc::default(),
        }
    }

    pub fn unanswered(&self) -> Vec<Own> {
        let own = self.order.iter().filter_map(|id| self.ops.get(id));
        own.filter(|own| own.state.is_unanswered())
            .cloned()
            .collect()
    }

    /// Doubted rows that have a proof, beyond a place, as the server sent them.
    pub fn doubted(&self, beyond: Vouching) -> Vec<Vouched> {
        let held = self.records.values().filter_map(|local| {
            let confirmed = local.confirmed.filter(|confirmed| confirmed.rev == 0)?;
            let (row, proof) = (local.base.clone()?, confirmed.proof?);
            (Vouching::of(&row) > beyond).then_some(Vouched { row, proof })
        });
        let mut doubted: Vec<Vouched> = held.collect();
        doubted.sort_by_key(|vouched| Vouching::of(&vouched.row));
        doubted
    }

    /// Keeps ops that were just made, and shows them.
    pub fn keep(&mut self, ops: Vec<Own>, catalog: &Catalog) {
        for own in ops {
            let id = own.op.record;
            self.order.push(own.op.op_id);
            self.ops.insert(own.op.op_id, own.clone());
            let local = self.records.entry(id).or_default();
            local.ops.push(own);
            match client::shown(local, catalog) {
                Some(row) => drop(self.views.insert(id, row)),
                None => drop(self.views.remove(&id)),
            }
        }
    }

    pub fn sums(&self, scope: Scope) -> Vec<Sum> {
        let none = || vec![Sum::default(); BUCKETS];
        self.sums.get(&scope).cloned().unwrap_or_else(none)
    }

    /// Keeps the sums that the rows have, as a nightly check does.
    pub fn count_anew(&mut self) {
        let scopes: Vec<Scope> = self.state.scopes.keys().copied().collect();
        for scope in scopes {
            self.sums.insert(scope, self.sums_anew(scope));
        }
    }

    /// The sums as the rows themselves have them.
    pub fn sums_anew(&self, scope: Scope) -> Vec<Sum> {
        let mut sums = vec![Sum::default(); BUCKETS];
        for (id, local) in &self.records {
            let held = local.scopes.get(&scope).is_some_and(|m| !m.leaving);
            if let Some(base) = local.base.as_ref().filter(|_| held) {
                let sum = &mut sums[usize::from(digest::bucket(*id))];
                sum.0 = sum.0.wrapping_add(base.sum());
            }
        }
        sums
    }

    fn load(&self, ask: Ask, loaded: &mut Loaded) {
        for id in ask.records {
            let local = self.records.get(&id).cloned().unwrap_or_default();
            loaded.records.insert(id, local);
        }
        for op in ask.ops {
            let own = self.ops.values();
            let its = own.filter(|own| own.op.op_id == op || own.carrier == Some(op));
            let records = its.map(|own| own.op.record).collect();
            loaded.ops.insert(op, records);
        }
        if ask.waiting {
            let answered = |own: &Own| matches!(own.state, OpState::Answered { .. });
            let waits = |local: &&Local| {
                local.ops.iter().any(answered) || local.scopes.values().any(|m| m.leaving)
            };
            let waiting = self.records.iter().filter(|(_, local)| waits(local));
            loaded.waiting = Some(waiting.map(|(id, _)| *id).collect());
        }
        for (scope, generation) in ask.stale {
            let older = |local: &Local| {
                let membership = local.scopes.get(&scope);
                membership.is_some_and(|m| m.generation < generation)
            };
            let stale = self.records.iter().filter(|(_, local)| older(local));
            loaded
                .stale
                .insert(scope, stale.map(|(id, _)| *id).collect());
        }
        if let Some((scope, buckets)) = ask.buckets {
            let held = self.records.iter().filter(|(id, local)| {
                local.scopes.contains_key(&scope) && buckets.contains(&digest::bucket(**id))
            });
            loaded.buckets = Some(held.map(|(id, _)| *id).collect());
        }
        if let Some(floor) = ask.newer {
            let newer = self
                .records
                .iter()
                .filter(|(_, local)| local.confirmed.is_some_and(|known| known.rev > floor));
            loaded.newer = Some(newer.map(|(id, _)| *id).collect());
        }
        if let Some(floor) = ask.above {
            let forgotten = |own: &&Own| match &own.state {
                OpState::Pending | OpState::Sent => true,
                OpState::Answered { seq, .. } => *seq > floor,
                OpState::Done { seq, .. } => seq.is_some_and(|seq| seq > floor),
            };
            let own = self.order.iter().filter_map(|id| self.ops.get(id));
            loaded.above = Some(own.filter(forgotten).cloned().collect());
        }
        if ask.unanswered {
            loaded.unanswered = Some(self.unanswered());
        }
    }

    fn write(&mut self, writes: Writes) {
        for (id, (row, confirmed)) in writes.confirmed {
            let local = self.records.entry(id).or_default();
            if !writes.views.contains_key(&id) {
                self.views.insert(id, row.clone());
            }
            local.confirmed = Some(confirmed);
            local.base = Some(row);
        }
        for id in writes.doubted {
            if let Some(confirmed) = &mut self.records.entry(id).or_default().confirmed {
                confirmed.rev = 0;
            }
        }
        for ((scope, id), membership) in writes.scopes {
            let local = self.records.entry(id).or_default();
            match membership {
                Some(membership) => drop(local.scopes.insert(scope, membership)),
                None => drop(local.scopes.remove(&scope)),
            }
        }
        for (op_id, mark) in writes.ops {
            let local = self.records.entry(mark.record).or_default();
            local.ops.retain(|known| known.op.op_id != op_id);
            let own = self
                .ops
                .get_mut(&op_id)
                .expect("what is marked is in the log");
            mark.put_on(own);
            if own.state.is_live() {
                local.ops.push(own.clone());
                let place = |own: &Own| self.order.iter().position(|id| *id == own.op.op_id);
                local.ops.sort_by_key(place);
            }
        }
        for (id, view) in writes.views {
            match view {
                Some(row) => drop(self.views.insert(id, row)),
                None => drop(self.views.remove(&id)),
            }
        }
        for id in writes.purged {
            self.records.remove(&id);
            self.history.retain(|_, entry| entry.record != id);
            // What was told of it is nobody's here any more; what was refused waits for a person's eyes.
            self.ops
                .retain(|_, own| own.op.record != id || is_looked_at(own));
            self.order.retain(|op| self.ops.contains_key(op));
        }
        for ((scope, bucket), sum) in writes.sums {
            let none = || vec![Sum::default(); BUCKETS];
            let kept = &mut self.sums.entry(scope).or_insert_with(none)[usize::from(bucket)];
            kept.0 = kept.0.wrapping_add(sum.0);
        }
        for entry in writes.history {
            self.history.insert(entry.op_id, entry);
        }
        if let Some(state) = writes.state {
            self.state = state;
        }
    }

    /// Takes an event in; `None` where the disk is full, and nothing has changed then.
    pub fn take(&mut self, event: &Event, around: &Around<'_>) {
        let mut loaded = Loaded::default();
        loop {
            let ask = client::ask(event, &self.state, &loaded);
            if ask.is_empty() {
                break;
            }
            self.load(ask, &mut loaded);
        }
        let writes = client::take(event, &self.state, loaded, around);
        self.write(writes);
    }
}

/// Whether a person has to see what became of it.
fn is_looked_at(own: &Own) -> bool {
    let OpState::Done { outcome, .. } = &own.state else {
        return false;
    };
    let refused = matches!(
        outcome,
        Outcome::Rejected { .. } | Outcome::HandedOver { .. }
    );
    refused && own.carrier.is_none()
}

/// A laptop in somebody's hands.
#[derive(Debug, Clone)]
pub struct Laptop {
    pub user: Uuid,
    pub file: File,
    pub session: Option<Session>,
    /// Milliseconds by which its clock is wrong.
    pub skew: i64,
    pub online: bool,
    /// Knows what only newer versions know.
    pub modern: bool,
    pub page: usize,
}

/// What a laptop wants of the network.
#[derive(Debug)]
pub enum Wish {
    Ask(Request),
    Rest,
    Trouble(Trouble),
}

impl Laptop {
    /// The next request of its session; begins one where none runs.
    pub fn wish(&mut self) -> Wish {
        let session = self
            .session
            .get_or_insert_with(|| Session::new(self.page, 1));
        loop {
            match session.next(&self.file.state) {
                Step::Vouch(beyond) => {
                    let mut doubted = self.file.doubted(beyond);
                    doubted.truncate(self.page);
                    match client::vouch(&self.file.state, doubted) {
                        Some(vouch) => return Wish::Ask(Request::Vouch(vouch)),
                        None => session.nothing_to_vouch(),
                    }
                }
                Step::Push => {
                    let unanswered = self.file.unanswered();
                    match client::number(session, &self.file.state, &unanswered) {
                        Some((writes, push)) => {
                            self.file.write(writes);
                            return Wish::Ask(Request::Push(push));
                        }
                        None => session.nothing_to_push(),
                    }
                }
                Step::Send(request) => return Wish::Ask(request),
                Step::Done => {
                    self.session = None;
                    return Wish::Rest;
                }
                Step::Stop(trouble) => {
                    self.session = None;
                    return Wish::Trouble(trouble);
                }
            }
        }
    }

    /// The next push, made while the answer to this one is not taken in.
    pub fn push_behind(&mut self, push: &Push) -> Option<Push> {
        let session = self.session.as_mut()?;
        session.sent(push);
        let unanswered = self.file.unanswered();
        let (writes, next) = client::number(session, &self.file.state, &unanswered)?;
        self.file.write(writes);
        Some(next)
    }

    /// Takes a reply in and goes on.
    pub fn hear(&mut self, request: Request, reply: Reply, around: &Around<'_>) {
        let event = Event::Heard(Box::new(request), Box::new(reply));
        self.file.take(&event, around);
        if let (Some(session), Event::Heard(_, reply)) = (&mut self.session, &event) {
            let file = &self.file;
            session.heard(&file.state, reply, |scope| file.sums(scope));
        }
    }

    /// Ids of what its user sees.
    pub fn shown(&self) -> BTreeSet<Uuid> {
        self.file.views.keys().copied().collect()
    }

    pub fn now(&self, now: i64) -> i64 {
        now + self.skew
    }

    /// A new timestamp of this laptop.
    pub fn stamp(&mut self, now: i64) -> Hlc {
        let corrected = self.now(now) + self.file.state.clock_offset;
        self.file.hlc = self.file.hlc.next(corrected.max(0));
        self.file.hlc
    }

    /// The op as it is kept, waiting to be sent.
    pub fn own(op: Op) -> Own {
        Own {
            place: 0,
            op,
            state: OpState::Pending,
            carrier: None,
            lost: Vec::new(),
        }
    }
}
