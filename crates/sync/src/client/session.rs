//! What a laptop says next: first what a restored server forgot, then what it has to tell, then what it has to hear, then
//! whether both have the same (docs/sync-protocol.md §3, §6.2). A session is kept in memory only; one that is cut is begun anew.

use std::collections::{BTreeMap, BTreeSet};

use ketu_model::authorize::Scope;
use uuid::Uuid;

use super::{Mark, OpState, Own, State, Vouching, Writes};
use crate::digest;
use crate::message::{
    Answer, Digest, MAX_BYTES, MAX_OPS, MIN_PAGE, Op, Outcome, Pull, Push, Pushed, Refetch,
    Refusal, Reply, Request, Sum, VERSION,
};
use crate::planted::{Bug, on};

#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Rows that a restored server forgot, from here on.
    Vouch(Vouching),
    Push,
    Send(Request),
    /// Everything is told, heard and compared.
    Done,
    Stop(Trouble),
}

/// Why a session cannot go on by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    Refused(Refusal),
    /// The same buckets differed again after they were fetched (§6.2).
    Diverged {
        scope: Scope,
        buckets: Vec<u8>,
    },
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Vouching,
    Pushing,
    Pulling,
    Digesting(Scope),
    Refetching(Scope, Vec<u8>),
    Over(Option<Trouble>),
}

#[derive(Debug, Clone, Default)]
pub struct Session {
    phase: Phase,
    /// Ops that the server put off: not asked again in this session.
    put_off: BTreeSet<Uuid>,
    /// The last place of pushes whose answers are not taken in yet.
    under_way: i64,
    repaired: BTreeMap<Scope, BTreeSet<u8>>,
    page: usize,
    schema: u32,
    /// What ends a session that would never end.
    rounds: u32,
}

/// Steps after which a session begins anew, as a bound: a hundred thousand rows in pages of a thousand are a few hundred.
const MAX_ROUNDS: u32 = 100_000;

impl Session {
    /// `page` is the number of entries to ask for at once, `schema` the catalog's version here.
    pub fn new(page: usize, schema: u32) -> Self {
        Self {
            page,
            schema,
            ..Self::default()
        }
    }

    /// The next thing to do. For `Step::Push` the caller loads the unanswered ops and asks `number` for the request, for
    /// `Step::Vouch` the next rows that are doubted and have a proof, and asks `vouch`.
    pub fn next(&mut self, state: &State) -> Step {
        self.rounds += 1;
        if self.rounds > MAX_ROUNDS {
            self.phase = Phase::Over(None);
        }
        let (v, epoch) = (VERSION, state.epoch);
        match (&self.phase, state.vouching) {
            (Phase::Vouching, Some(vouching)) => Step::Vouch(vouching),
            (Phase::Vouching | Phase::Pushing, _) => Step::Push,
            (Phase::Pulling, _) => {
                let cursors = state.scopes.iter();
                let scopes =
                    cursors.filter_map(|(scope, held)| Some((*scope, held.cursor.clone()?)));
                Step::Send(Request::Pull(Pull {
                    v,
                    epoch,
                    incarnation: state.incarnation,
                    scopes: scopes.collect(),
                    limit: self.page,
                    schema: self.schema,
                    known: state.known.clone(),
                }))
            }
            (Phase::Digesting(scope), _) => {
                let scope = *scope;
                Step::Send(Request::Digest(Digest { v, epoch, scope }))
            }
            (Phase::Refetching(scope, buckets), _) => Step::Send(Request::Refetch(Refetch {
                v,
                epoch,
                scope: *scope,
                buckets: buckets.clone(),
            })),
            (Phase::Over(None), _) => Step::Done,
            (Phase::Over(Some(trouble)), _) => Step::Stop(trouble.clone()),
        }
    }

    /// There is nothing left to vouch for.
    pub fn nothing_to_vouch(&mut self) {
        self.phase = Phase::Pushing;
    }

    /// There is nothing to push.
    pub fn nothing_to_push(&mut self) {
        self.phase = Phase::Pulling;
    }

    /// Ops that wait for another session.
    pub fn is_put_off(&self, op: Uuid) -> bool {
        self.put_off.contains(&op)
    }

    /// Whether the answer leaves nothing to decide before the next push: no op of it was put off, and no refusal.
    pub fn goes_on(reply: &Reply) -> bool {
        match reply {
            Reply::Pushed(pushed) => put_off(pushed).next().is_none(),
            _ => false,
        }
    }

    /// A push was sent: the next one, which may be made before its answer is taken in, begins behind it.
    pub fn sent(&mut self, push: &Push) {
        self.under_way = push.ops.last().map_or(0, |op| op.op_seq);
    }

    /// The last place in the incarnation that waits for the answer to a push of this session; 0 where none does.
    pub fn under_way(&self) -> i64 {
        self.under_way
    }

    /// The request that follows a reply whatever is made of it here, so that it can be sent before the reply is taken in:
    /// the next page.
    pub fn following(&self, request: &Request, reply: &Reply) -> Option<Request> {
        match (request, reply) {
            (Request::Pull(pull), Reply::Pulled(pulled)) if !pulled.done => {
                Some(Request::Pull(Pull {
                    epoch: pulled.epoch,
                    scopes: pulled.cursors.clone(),
                    ..pull.clone()
                }))
            }
            _ => None,
        }
    }

    /// After an answer that would have been too large: fewer rows of a page, half of the buckets. Says whether there is less to
    /// ask for.
    fn ask_for_less(&mut self) -> bool {
        match &mut self.phase {
            Phase::Pulling if self.page > MIN_PAGE => {
                self.page = (self.page / 4).max(MIN_PAGE);
                true
            }
            Phase::Refetching(scope, buckets) if buckets.len() > 1 => {
                let later = buckets.split_off(buckets.len() / 2);
                // They differ still when these are here, and are no second time then.
                if let Some(repaired) = self.repaired.get_mut(scope) {
                    repaired.retain(|bucket| !later.contains(bucket));
                }
                true
            }
            _ => false,
        }
    }

    /// Goes on after a reply was taken in; `sums` are this laptop's buckets of a scope after it.
    pub fn heard(&mut self, state: &State, reply: &Reply, sums: impl Fn(Scope) -> Vec<Sum>) {
        self.under_way = 0;
        match reply {
            Reply::Pushed(pushed) => self.put_off.extend(put_off(pushed)),
            Reply::Pulled(pulled) if pulled.done => {
                let differs = pulled
                    .totals
                    .iter()
                    .find(|(scope, total)| digest::total(&sums(**scope)) != **total);
                self.phase = match differs {
                    Some((scope, _)) => Phase::Digesting(*scope),
                    None => Phase::Over(None),
                };
            }
            Reply::Digested(digested) => {
                let Phase::Digesting(scope) = self.phase else {
                    return;
                };
                self.phase = Phase::Pulling;
                // The server moved on: what differs may be what was not pulled yet.
                if digested.head != state.checkpoint {
                    return;
                }
                let buckets = digest::differing(&sums(scope), &digested.buckets);
                let repaired = self.repaired.entry(scope).or_default();
                if buckets.iter().any(|bucket| repaired.contains(bucket)) {
                    self.phase = Phase::Over(Some(Trouble::Diverged { scope, buckets }));
                } else if !buckets.is_empty() {
                    repaired.extend(&buckets);
                    self.phase = Phase::Refetching(scope, buckets);
                }
            }
            Reply::Refetched(_) => self.phase = Phase::Pulling,
            Reply::Pulled(_) | Reply::Leased(_) | Reply::Vouched { .. } => {}
            Reply::Refused(Refusal::TooLarge) if self.ask_for_less() => {}
            Reply::Refused(refusal) => {
                self.phase = match refusal {
                    Refusal::Epoch { .. } | Refusal::Clone | Refusal::Gap { .. } => Phase::Vouching,
                    Refusal::Forbidden => Phase::Pulling,
                    other => Phase::Over(Some(Trouble::Refused(other.clone()))),
                };
            }
        }
    }
}

/// The ops of a push that the server put off.
fn put_off(pushed: &Pushed) -> impl Iterator<Item = Uuid> {
    let put_off = |answer: &&Answer| matches!(answer.outcome, Outcome::Deferred { .. });
    pushed
        .answers
        .iter()
        .filter(put_off)
        .map(|answer| answer.op_id)
}

/// The next push out of all unanswered ops in their order, and what has to be written before it is sent: ops that go
/// for the first time get their place in the incarnation. `None` when there is nothing to push.
pub fn number(session: &Session, state: &State, unanswered: &[Own]) -> Option<(Writes, Push)> {
    let mut put_off = BTreeSet::new();
    let (mut sent, mut new): (Vec<&Own>, Vec<&Own>) = (Vec::new(), Vec::new());
    let mut own: Vec<&Own> = unanswered.iter().collect();
    let under_way = |own: &Own| own.state == OpState::Sent && own.op.op_seq <= session.under_way;
    own.retain(|own| own.carrier.is_none() && !under_way(own));
    for group in own.chunk_by(|one, next| is_together(one, next)) {
        // What comes later for the same record waits with it, and a transaction waits whole.
        let waits =
            |own: &&Own| session.is_put_off(own.op.op_id) || put_off.contains(&own.op.record);
        if group.iter().any(waits) {
            put_off.extend(group.iter().map(|own| own.op.record));
            continue;
        }
        for own in group {
            if own.state == OpState::Sent {
                sent.push(own);
            } else {
                new.push(own);
            }
        }
    }
    // What was sent before keeps its place.
    sent.sort_by_key(|own| own.op.op_seq);
    let mut state = state.clone();
    let mut writes = Writes::default();
    let (mut ops, mut bytes) = (Vec::<Op>::new(), 0);
    let mut rest: Vec<&Own> = sent;
    rest.extend(new);
    let mut rest = rest.as_slice();
    while let Some(first) = rest.first() {
        let count = rest
            .iter()
            .take_while(|own| is_together(first, own))
            .count();
        let count = count.max(1);
        let (group, after) = rest.split_at(count);
        bytes += group.iter().map(|own| own.op.size()).sum::<usize>();
        let full = ops.len() + count > MAX_OPS || bytes > MAX_BYTES;
        if full && !ops.is_empty() {
            break;
        }
        for own in group {
            let mut own = (*own).clone();
            if own.state == OpState::Pending {
                own.op.op_seq = state.next_op_seq;
                state.next_op_seq += 1;
                own.state = if on(Bug::DropOnSend) {
                    OpState::Done {
                        seq: None,
                        outcome: Outcome::Applied,
                    }
                } else {
                    OpState::Sent
                };
                writes.ops.insert(own.op.op_id, Mark::of(&own));
            }
            ops.push(own.op);
        }
        rest = after;
    }
    if ops.is_empty() {
        return None;
    }
    let push = Push {
        v: VERSION,
        epoch: state.epoch,
        incarnation: state.incarnation,
        ops,
    };
    if !writes.ops.is_empty() {
        writes.state = Some(state);
    }
    Some((writes, push))
}

/// Whether two ops that follow each other are of one atomic transaction.
fn is_together(one: &Own, next: &Own) -> bool {
    one.op.atomic && next.op.atomic && one.op.tx == next.op.tx
}
