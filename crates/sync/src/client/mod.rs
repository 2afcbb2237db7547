//! The laptop's side. An adapter loads what `ask` names, calls `take`, and writes what comes back in one transaction:
//!
//! ```text
//! request = session.next(state, outbox); reply = network(request)
//! loop { ask = ask(event, state, loaded); if ask is empty { break }; load(ask) }
//! writes = take(event, state, loaded, now); write(writes)
//! ```

mod pulled;
mod pushed;
mod repair;
mod replay;
mod session;
mod taking;
mod vouching;

use std::collections::{BTreeMap, BTreeSet};

use ketu_model::Catalog;
use ketu_model::authorize::Scope;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::message::{Cursor, HistoryEntry, Op, Outcome, Reply, Request, Stub, Sum, life};
use crate::record::{Row, Seq};

pub use replay::shown;
pub use session::{Session, Step, Trouble, number};
pub use vouching::{Vouching, vouch};

use taking::Taking;

/// What the laptop remembers of its agreement with the server; written with every page and every answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Nil before the first contact.
    pub epoch: Uuid,
    pub incarnation: Uuid,
    /// The next op's place in the incarnation.
    pub next_op_seq: i64,
    /// The head of the last pull that was read to its end; what new ops say they have seen (§5.3).
    pub checkpoint: Seq,
    pub scopes: BTreeMap<Scope, Held>,
    /// Server's clock minus this laptop's, in milliseconds, as last heard.
    pub clock_offset: i64,
    /// Seqs above the first and up to the second of each pair, which this laptop's own pushes had and nothing is to be
    /// pulled of (§5.9); in order, none touching the next.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known: Vec<(Seq, Seq)>,
    /// After a restore of the server: how far its forgotten rows were said back to it (§7.7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vouching: Option<Vouching>,
}

impl State {
    pub fn new(incarnation: Uuid) -> Self {
        Self {
            epoch: Uuid::nil(),
            incarnation,
            next_op_seq: 1,
            checkpoint: 0,
            scopes: BTreeMap::new(),
            clock_offset: 0,
            known: Vec::new(),
            vouching: None,
        }
    }
}

/// A scope that the laptop has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// How far it is read; absent where it has to be read anew.
    pub cursor: Option<Cursor>,
    /// Raised by each snapshot: memberships of earlier ones were not named in it.
    pub generation: u32,
}

/// Where an op stands on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum OpState {
    /// Never sent: it can still be mended or taken back.
    Pending,
    /// Sent under its `op_seq`; the answer is not known.
    Sent,
    /// It stands at the server at this seq; its record's row has not come back yet.
    Answered { seq: Seq, outcome: Outcome },
    /// Over: pulled, rejected, handed over, or nothing was left of it. The seq is its place in the server's order; a rejected op has none.
    Done { seq: Option<Seq>, outcome: Outcome },
}

impl OpState {
    /// Whether the view still needs it.
    pub fn is_live(&self) -> bool {
        !matches!(self, Self::Done { .. })
    }

    /// Whether the server's answer is missing.
    pub fn is_unanswered(&self) -> bool {
        matches!(self, Self::Pending | Self::Sent)
    }
}

/// An op of this laptop.
#[derive(Debug, Clone, PartialEq)]
pub struct Own {
    pub op: Op,
    /// Where the adapter keeps it; the engine only hands it on.
    pub place: i64,
    pub state: OpState,
    /// The op that carries this one: what a transfer or a merge does to other records is shown at once, but sent as one op.
    pub carrier: Option<Uuid>,
    /// Fields of it that did not stand when it was answered: they are not shown, also while it is sent again.
    pub lost: Vec<String>,
}

impl Own {
    /// Whether the view takes a field from this op, over the server's row at `base`. A row of the life in which the op
    /// stood before has it in it already.
    pub fn shows(&self, field: &str, base: Option<Seq>) -> bool {
        let within = |was: &Seq| base.is_some_and(|base| *was <= base && life(*was) == life(base));
        self.state.is_live()
            && !self.lost.iter().any(|lost| lost == field)
            && !self.op.was.iter().any(within)
    }
}

/// What changes of an op on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    pub place: i64,
    pub record: Uuid,
    /// An op that is sent again has another place in another incarnation.
    pub op_seq: i64,
    pub was: Vec<Seq>,
    pub state: OpState,
    pub carrier: Option<Uuid>,
    pub lost: Vec<String>,
}

impl Mark {
    fn of(own: &Own) -> Self {
        Self {
            place: own.place,
            record: own.op.record,
            op_seq: own.op.op_seq,
            was: own.op.was.clone(),
            state: own.state.clone(),
            carrier: own.carrier,
            lost: own.lost.clone(),
        }
    }

    pub fn put_on(self, own: &mut Own) {
        own.op.op_seq = self.op_seq;
        own.op.was = self.was;
        own.state = self.state;
        own.lost = self.lost;
    }
}

/// A record as the laptop has it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Local {
    /// What is known of the server's row as last pulled.
    pub confirmed: Option<Confirmed>,
    /// That row itself. An adapter may leave it out where `ops` is empty.
    pub base: Option<Row>,
    /// Its live ops, in order.
    pub ops: Vec<Own>,
    /// The scopes that hold it, with the generation of the snapshot that named it last.
    pub scopes: BTreeMap<Scope, Membership>,
}

/// What the server last said of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confirmed {
    /// The row's rev; 0 while it is doubted (§7.7).
    pub rev: Seq,
    pub sum: Sum,
    /// That the server said it; older servers gave none.
    pub proof: Option<Sum>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership {
    pub generation: u32,
    /// It left the scope; the purge waits for answers.
    pub leaving: bool,
}

/// What the laptop has to load before it can take an event in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ask {
    /// Records, with their live ops.
    pub records: BTreeSet<Uuid>,
    /// The records of these ops and of those that they carry.
    pub ops: BTreeSet<Uuid>,
    /// Ids of all records that have ops in state `Answered`, or unanswered ops and a leaving membership.
    pub waiting: bool,
    /// Ids in a scope whose membership is of an earlier generation than this.
    pub stale: BTreeMap<Scope, u32>,
    /// Ids in a scope that end in one of these bytes.
    pub buckets: Option<(Scope, BTreeSet<u8>)>,
    /// Records whose confirmed rev is greater.
    pub newer: Option<Seq>,
    /// After a restore of the server: all ops answered with a seq above this one, and all unanswered, in order.
    pub above: Option<Seq>,
    /// All unanswered ops, in order.
    pub unanswered: bool,
}

impl Ask {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[derive(Debug, Clone, Default)]
pub struct Loaded {
    pub records: BTreeMap<Uuid, Local>,
    pub ops: BTreeMap<Uuid, BTreeSet<Uuid>>,
    pub waiting: Option<BTreeSet<Uuid>>,
    pub stale: BTreeMap<Scope, BTreeSet<Uuid>>,
    pub buckets: Option<BTreeSet<Uuid>>,
    pub newer: Option<BTreeSet<Uuid>>,
    pub above: Option<Vec<Own>>,
    pub unanswered: Option<Vec<Own>>,
}

/// What an event changes; written in one local transaction, or not at all.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Writes {
    pub state: Option<State>,
    /// The server's rows as now known.
    pub confirmed: BTreeMap<Uuid, (Row, Confirmed)>,
    /// Records whose confirmed rev counts for nothing from now on: any row is newer. Edits still say it as their base: it is
    /// what their author sees; and the row is kept as it came, with its rev, until it is vouched for.
    pub doubted: BTreeSet<Uuid>,
    /// What is to be shown of a record: the row, or nothing at all (purged, or never made). A confirmed row that is not named
    /// here is what is shown already.
    pub views: BTreeMap<Uuid, Option<Row>>,
    /// Records of which nothing is to remain: confirmed row, history, search, files.
    pub purged: BTreeSet<Uuid>,
    /// Memberships set or removed.
    pub scopes: BTreeMap<(Scope, Uuid), Option<Membership>>,
    /// Where ops stand from now on; everything else of them stays as it was made.
    pub ops: BTreeMap<Uuid, Mark>,
    /// Added to the buckets' sums, modulo 2^128.
    pub sums: BTreeMap<(Scope, u8), Sum>,
    pub history: Vec<HistoryEntry>,
    pub stubs: Vec<Stub>,
    /// The file should be backed up before this is written.
    pub backup_first: bool,
}

/// Something to take in.
#[derive(Debug, Clone)]
pub enum Event {
    /// The reply to a request that this state sent.
    Heard(Box<Request>, Box<Reply>),
    /// The file was found to be a copy, or restored: take this new incarnation.
    Copied(Uuid),
}

/// What is true around an event.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    pub catalog: &'a Catalog,
    /// A random id that nobody used.
    pub fresh: Uuid,
    /// This laptop's clock, milliseconds since 1970.
    pub now: i64,
}

/// What has to be loaded before the event can be taken in; empty when nothing is missing.
pub fn ask(event: &Event, state: &State, loaded: &Loaded) -> Ask {
    match event {
        Event::Copied(_) => repair::ask_unanswered(loaded),
        Event::Heard(request, reply) => match (request.as_ref(), reply.as_ref()) {
            (_, Reply::Pushed(reply)) => pushed::ask(reply, loaded),
            (_, Reply::Pulled(reply)) => pulled::ask(reply, state, loaded),
            (Request::Refetch(request), Reply::Refetched(reply)) => {
                repair::ask(request, reply, loaded)
            }
            (_, Reply::Refused(refusal)) => repair::ask_refused(refusal, loaded),
            _ => Ask::default(),
        },
    }
}

/// Takes an event in for which everything is loaded.
pub fn take(event: &Event, state: &State, loaded: Loaded, around: &Around<'_>) -> Writes {
    let mut taking = Taking::new(state, loaded, around.catalog);
    match event {
        Event::Copied(incarnation) => repair::renumber(&mut taking, *incarnation),
        Event::Heard(request, reply) => match (request.as_ref(), reply.as_ref()) {
            (_, Reply::Pushed(reply)) => pushed::take(&mut taking, reply, around.now),
            (_, Reply::Pulled(reply)) => pulled::take(&mut taking, reply, around.now),
            (Request::Refetch(request), Reply::Refetched(reply)) => {
                repair::take(&mut taking, request, reply);
            }
            (Request::Vouch(request), Reply::Vouched { now }) => {
                vouching::take(&mut taking, request, *now, around.now);
            }
            (_, Reply::Refused(refusal)) => repair::refused(&mut taking, refusal, around.fresh),
            _ => {}
        },
    }
    taking.finish()
}
