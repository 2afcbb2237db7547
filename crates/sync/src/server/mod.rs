//! The server's side. An adapter, in one transaction, loads what `ask` names until it names nothing more, calls `answer`,
//! and writes what comes back:
//!
//! ```text
//! take the feed head; loop { ask = ask(request, loaded); if ask is empty { break }; load(ask) }
//! (writes, reply) = answer(request, loaded, context); write(writes)
//! ```
//!
//! The same functions run over SQLite, PostgreSQL and the simulator's memory.

mod cards;
mod decide;
mod expand;
mod field;
mod pull;
mod push;
mod rules;
mod scopes;
mod shares;
mod taken;
mod vouch;
mod work;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ketu_model::Catalog;
use ketu_model::authorize::{Actor, Level, Role, Scope};
use ketu_model::catalog::OLDEST_SCHEMA;
use uuid::Uuid;

use crate::message::{
    Answer, Digest, Digested, HistoryEntry, Leased, MAX_ANSWER, Place, Refetch, Refetched, Refusal,
    Reply, Request, Sum, VERSION,
};
use crate::record::{Record, Row, Seq};

pub use scopes::root_of;
pub use vouch::proof;
use work::Layer;

pub use shares::{Action, Person, act, ask_action};

/// What holds for a whole request, loaded before anything else.
#[derive(Debug, Clone)]
pub struct Context {
    /// The server's lives, the present one last: the epoch, and the head that it was restored at.
    pub epochs: Vec<(Uuid, Seq)>,
    /// The head: the last seq given. A push has taken it before this is read.
    pub head: Seq,
    /// Milliseconds since 1970, UTC.
    pub now: i64,
    pub actor: Actor,
    /// The last op of the request's incarnation that was answered; 0 for a new one.
    pub last_op_seq: i64,
    /// The shipped catalog with the organisation's own fields.
    pub catalog: Arc<Catalog>,
    /// The organisation's secret key that proves rows to be the server's words (§7.7); every backup has it.
    pub proof_key: [u8; 32],
}

impl Context {
    pub fn epoch(&self) -> Uuid {
        self.epochs.last().map_or(Uuid::nil(), |(epoch, _)| *epoch)
    }

    /// What is left of what the server said in an earlier life: nothing above this. It may have been restored more than
    /// once since.
    fn forgotten_above(&self, epoch: Uuid) -> Seq {
        let known = self.epochs.iter().position(|(known, _)| *known == epoch);
        let since = known.map_or(0, |known| known + 1);
        let floors = self.epochs[since..].iter().map(|(_, floor)| *floor);
        // Of a life that is not known nothing can be said.
        if known.is_none() {
            0
        } else {
            floors.min().unwrap_or(0)
        }
    }
}

/// What the engine wants to know before it can go on. Nothing of it is loaded yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ask {
    /// Records by id, whole.
    pub records: BTreeSet<Uuid>,
    /// All records that hang below these roots, the roots themselves included.
    pub below: BTreeSet<Uuid>,
    /// Earlier answers by op id.
    pub answers: BTreeSet<Uuid>,
    /// Shares of these roots.
    pub shares: BTreeSet<Uuid>,
    /// When the actor last lost these records: the greatest seq of a `leave` of the record in a scope that the actor is
    /// granted, and of scopes taken from the actor in which the record stands, or of `root:<its root>`.
    pub lost: BTreeSet<Uuid>,
    /// Who else has this value.
    pub unique: BTreeSet<Unique>,
    /// The last number given of these series.
    pub series: BTreeSet<String>,
    /// What a merge moved, by its op id: the ids of the records that it took along.
    pub merges: BTreeSet<Uuid>,
    pub feed: Option<FeedAsk>,
    pub history: Option<HistoryAsk>,
    /// The 256 bucket sums of these scopes.
    pub sums: BTreeSet<Scope>,
    /// All row entries of a scope whose record id ends in one of these bytes.
    pub buckets: Option<(Scope, BTreeSet<u8>)>,
}

impl Ask {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A value that no two living records may share.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unique {
    pub entity: String,
    pub field: String,
    pub value: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedAsk {
    /// Entries of these scopes beyond each one's seq, in order of seq, `limit` at most.
    After {
        scopes: BTreeMap<Scope, Seq>,
        limit: usize,
    },
    /// Row entries of one scope by descending id, `limit` at most.
    Page {
        scope: Scope,
        place: Place,
        limit: usize,
    },
}

/// The history of these records beyond a seq, the newest `each` of every record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryAsk {
    pub records: BTreeMap<Uuid, Seq>,
    pub each: usize,
}

/// A feed entry as it stands: one for each scope and record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedEntry {
    pub scope: Scope,
    pub id: Uuid,
    pub seq: Seq,
    pub leave: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    pub user: Uuid,
    pub level: Level,
    pub reason: Reason,
}

/// Why a root is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Somebody with the right to did so.
    Given,
    /// This opportunity below it has another owner.
    Opportunity(Uuid),
}

/// What was loaded so far; a key that is present was asked for, also where nothing was found.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    pub records: BTreeMap<Uuid, Option<Record>>,
    pub below: BTreeMap<Uuid, BTreeSet<Uuid>>,
    pub answers: BTreeMap<Uuid, Option<Answer>>,
    pub shares: BTreeMap<Uuid, Vec<Share>>,
    pub lost: BTreeMap<Uuid, Option<Seq>>,
    pub unique: BTreeMap<Unique, BTreeSet<Uuid>>,
    pub series: BTreeMap<String, i64>,
    pub merges: BTreeMap<Uuid, Option<Vec<Uuid>>>,
    pub feed: Vec<(FeedAsk, Vec<FeedEntry>)>,
    pub history: Option<Vec<HistoryEntry>>,
    pub sums: BTreeMap<Scope, Vec<Sum>>,
    pub buckets: Option<Vec<Uuid>>,
}

/// What a request changes; the adapter writes all of it in the transaction that loaded, or nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Writes {
    /// The head after it.
    pub head: Seq,
    pub records: BTreeMap<Uuid, Record>,
    /// Upserts by (scope, record).
    pub feed: BTreeMap<(Scope, Uuid), FeedEntry>,
    /// Added to the buckets' sums, modulo 2^128.
    pub sums: BTreeMap<(Scope, u8), Sum>,
    pub history: Vec<HistoryEntry>,
    /// Answers to remember, each with the incarnation's seq that it had.
    pub answers: Vec<Answer>,
    /// The incarnation's last answered op.
    pub last_op_seq: Option<i64>,
    pub unique_added: BTreeSet<(Unique, Uuid)>,
    pub unique_removed: BTreeSet<(Unique, Uuid)>,
    pub series: BTreeMap<String, i64>,
    pub merges: BTreeMap<Uuid, Vec<Uuid>>,
    /// The shares of a root, all of them anew.
    pub shares: BTreeMap<Uuid, Vec<Share>>,
    /// Scopes taken from users, and when.
    pub lost: Vec<(Uuid, Scope, Seq)>,
    /// Users whose role or team changed.
    pub people: BTreeMap<Uuid, Person>,
}

impl Writes {
    /// What a request's work comes to, besides feed and sums.
    fn keep(&mut self, kept: Layer) {
        self.records = kept.records;
        self.history = kept.history;
        self.series = kept.series;
        self.merges = kept.merges;
        self.shares = kept.shares;
        for (claim, taken) in kept.unique {
            if taken {
                self.unique_added.insert(claim);
            } else {
                self.unique_removed.insert(claim);
            }
        }
    }
}

/// What has to be loaded before the request can be answered; empty when nothing is missing.
pub fn ask(request: &Request, loaded: &Loaded, context: &Context) -> Ask {
    if refusal(request, context).is_some() {
        return Ask::default();
    }
    match request {
        Request::Push(push) => push::ask(push, loaded, context),
        Request::Vouch(vouch) => vouch::ask(vouch, loaded, context),
        Request::Pull(pull) => pull::ask(pull, loaded, context),
        Request::Digest(digest) => Ask {
            sums: missing(&loaded.sums, digest.scope),
            ..Ask::default()
        },
        Request::Refetch(refetch) => ask_buckets(refetch, loaded),
        Request::Lease(lease) => Ask {
            series: missing(&loaded.series, lease.series.clone()),
            ..Ask::default()
        },
    }
}

/// Answers a request for which everything is loaded.
pub fn answer(request: &Request, loaded: Loaded, context: &Context) -> (Writes, Reply) {
    let nothing = Writes {
        head: context.head,
        ..Writes::default()
    };
    if let Some(refusal) = refusal(request, context) {
        return (nothing, Reply::Refused(refusal));
    }
    let now = context.now;
    match request {
        Request::Push(push) => push::answer(push, loaded, context),
        Request::Vouch(vouch) => vouch::answer(vouch, loaded, context),
        Request::Pull(pull) => (nothing, pull::answer(pull, loaded, context)),
        Request::Digest(digest) => {
            let buckets = loaded.sums.get(&digest.scope).cloned().unwrap_or_default();
            let head = context.head;
            (nothing, Reply::Digested(Digested { now, head, buckets }))
        }
        Request::Refetch(refetch) => {
            let rows = loaded.buckets.iter().flatten();
            let rows: Vec<Row> = rows
                .filter_map(|id| Some(loaded.records.get(id)?.as_ref()?.row()))
                .collect();
            let bytes: usize = rows.iter().map(Row::weight).sum();
            if bytes > MAX_ANSWER && refetch.buckets.len() > 1 {
                return (nothing, Reply::Refused(Refusal::TooLarge));
            }
            let proofs = vouch::proofs(&context.proof_key, &rows);
            let refetched = Refetched {
                now,
                head: context.head,
                rows,
                proofs,
            };
            (nothing, Reply::Refetched(refetched))
        }
        Request::Lease(lease) => {
            let last = loaded.series.get(&lease.series).copied().unwrap_or(0);
            let mut writes = nothing;
            writes
                .series
                .insert(lease.series.clone(), last + lease.count);
            let leased = Leased {
                now,
                first: last + 1,
                count: lease.count,
            };
            (writes, Reply::Leased(leased))
        }
    }
}

/// Why the request is not for this server, this user or this laptop.
fn refusal(request: &Request, context: &Context) -> Option<Refusal> {
    let (v, epoch) = match request {
        Request::Push(push) => (push.v, push.epoch),
        Request::Pull(pull) => (pull.v, pull.epoch),
        Request::Digest(digest) => (digest.v, digest.epoch),
        Request::Refetch(refetch) => (refetch.v, refetch.epoch),
        Request::Lease(lease) => (lease.v, lease.epoch),
        Request::Vouch(vouch) => (vouch.v, vouch.epoch),
    };
    if v != VERSION {
        return Some(Refusal::Malformed);
    }
    if matches!(request, Request::Pull(pull) if pull.schema < OLDEST_SCHEMA) {
        return Some(Refusal::TooOld);
    }
    // A laptop that never met this server knows no epoch.
    if epoch != context.epoch() && !epoch.is_nil() {
        return Some(Refusal::Epoch {
            epoch: context.epoch(),
            floor: context.forgotten_above(epoch),
        });
    }
    let scope = match request {
        Request::Vouch(vouch) if vouch::is_too_large(vouch) => return Some(Refusal::TooLarge),
        Request::Digest(Digest { scope, .. }) | Request::Refetch(Refetch { scope, .. }) => scope,
        Request::Lease(lease)
            if !(1..=10_000).contains(&lease.count) || lease.series.len() > 60 =>
        {
            return Some(Refusal::Malformed);
        }
        _ => return None,
    };
    (!context.actor.scopes.contains_key(scope)).then_some(Refusal::Forbidden)
}

fn ask_buckets(refetch: &Refetch, loaded: &Loaded) -> Ask {
    match &loaded.buckets {
        None => Ask {
            buckets: Some((refetch.scope, refetch.buckets.iter().copied().collect())),
            ..Ask::default()
        },
        Some(ids) => Ask {
            records: ids
                .iter()
                .filter(|id| !loaded.records.contains_key(id))
                .copied()
                .collect(),
            ..Ask::default()
        },
    }
}

fn missing<K: Ord + Clone, V>(map: &BTreeMap<K, V>, key: K) -> BTreeSet<K> {
    if map.contains_key(&key) {
        BTreeSet::new()
    } else {
        BTreeSet::from([key])
    }
}

/// The scopes that a person has, from the team tree and the shares.
pub fn actor(
    user: Uuid,
    people: &BTreeMap<Uuid, Person>,
    shares: impl IntoIterator<Item = (Uuid, Level)>,
) -> Option<Actor> {
    let person = people.get(&user).filter(|person| person.active)?;
    let led: BTreeSet<Uuid> = match person.role {
        Role::Salesperson => BTreeSet::new(),
        Role::Admin => people.keys().copied().collect(),
        Role::Manager => shares::below(user, people),
    };
    Some(Actor::new(user, person.role, &led, shares))
}
