//! The server's adapter over memory: loads what the engine asks for, writes what it answers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ketu_model::Catalog;
use ketu_model::authorize::{Actor, Level, Scope};
use ketu_sync::digest::{self, BUCKETS};
use ketu_sync::message::{Answer, HistoryEntry, Place, Refusal, Reply, Request, Sum, reborn};
use ketu_sync::record::{Record, Seq};
use ketu_sync::server::{
    self, Action, Ask, Context, FeedAsk, FeedEntry, Loaded, Person, Share, Unique, Writes,
};
use uuid::Uuid;

#[derive(Debug, Clone)]
pub struct Server {
    pub catalog: Arc<Catalog>,
    pub epochs: Vec<(Uuid, Seq)>,
    pub head: Seq,
    pub records: BTreeMap<Uuid, Record>,
    below: BTreeMap<Uuid, BTreeSet<Uuid>>,
    feed: BTreeMap<(Scope, Uuid), FeedEntry>,
    by_seq: BTreeSet<(Scope, Seq, Uuid)>,
    sums: BTreeMap<Scope, Vec<Sum>>,
    pub answers: BTreeMap<Uuid, Answer>,
    incarnations: BTreeMap<Uuid, i64>,
    pub shares: BTreeMap<Uuid, Vec<Share>>,
    lost: Vec<(Uuid, Scope, Seq)>,
    unique: BTreeMap<Unique, BTreeSet<Uuid>>,
    series: BTreeMap<String, i64>,
    merges: BTreeMap<Uuid, Vec<Uuid>>,
    pub history: Vec<HistoryEntry>,
    pub people: BTreeMap<Uuid, Person>,
    pub proof_key: [u8; 32],
}

fn incarnation(request: &Request) -> Uuid {
    match request {
        Request::Push(push) => push.incarnation,
        Request::Pull(pull) => pull.incarnation,
        Request::Vouch(vouch) => vouch.incarnation,
        _ => Uuid::nil(),
    }
}

impl Server {
    pub fn new(catalog: Arc<Catalog>, epoch: Uuid, people: BTreeMap<Uuid, Person>) -> Self {
        Self {
            catalog,
            epochs: vec![(epoch, 0)],
            head: 0,
            records: BTreeMap::new(),
            below: BTreeMap::new(),
            feed: BTreeMap::new(),
            by_seq: BTreeSet::new(),
            sums: BTreeMap::new(),
            answers: BTreeMap::new(),
            incarnations: BTreeMap::new(),
            shares: BTreeMap::new(),
            lost: Vec::new(),
            unique: BTreeMap::new(),
            series: BTreeMap::new(),
            merges: BTreeMap::new(),
            history: Vec::new(),
            people,
            proof_key: [7; 32],
        }
    }

    /// What the restore tool does to a backup: it knows the lives that came after it from the file that it replaces.
    pub fn restored(mut self, epoch: Uuid, replaced: &Self, now: i64) -> Self {
        self.epochs = replaced.epochs.clone();
        self.epochs.push((epoch, self.head));
        self.head = reborn(self.head, now);
        // The program is not what was backed up.
        self.catalog = Arc::clone(&replaced.catalog);
        self
    }

    pub fn actor(&self, user: Uuid) -> Option<Actor> {
        let given = self.shares.iter().flat_map(|(root, shares)| {
            let own = shares.iter().filter(|share| share.user == user);
            own.map(|share| (*root, share.level))
        });
        let mut best: BTreeMap<Uuid, Level> = BTreeMap::new();
        for (root, level) in given {
            let entry = best.entry(root).or_insert(level);
            *entry = (*entry).max(level);
        }
        server::actor(user, &self.people, best)
    }

    pub fn context(&self, user: Uuid, incarnation: Uuid, now: i64) -> Option<Context> {
        Some(Context {
            epochs: self.epochs.clone(),
            head: self.head,
            now,
            actor: self.actor(user)?,
            last_op_seq: self.incarnations.get(&incarnation).copied().unwrap_or(0),
            catalog: Arc::clone(&self.catalog),
            proof_key: self.proof_key,
        })
    }

    /// What holds for a request; nothing of it for whoever is shut out.
    pub fn context_of(&self, user: Uuid, request: &Request, now: i64) -> Option<Context> {
        self.context(user, incarnation(request), now)
    }

    /// Answers a request; what it changes comes back, written already.
    pub fn handle(&mut self, user: Uuid, request: &Request, now: i64) -> (Option<Writes>, Reply) {
        let incarnation = incarnation(request);
        let Some(context) = self.context(user, incarnation, now) else {
            return (None, Reply::Refused(Refusal::Revoked));
        };
        let mut loaded = Loaded::default();
        loop {
            let ask = server::ask(request, &loaded, &context);
            if ask.is_empty() {
                break;
            }
            self.load(ask, user, &mut loaded);
        }
        let (writes, reply) = server::answer(request, loaded, &context);
        self.write(&writes, incarnation);
        (Some(writes), reply)
    }

    /// Does something to rights; what that changed, where it did, is written already.
    pub fn act(&mut self, user: Uuid, action: &Action, now: i64) -> Option<Writes> {
        let context = self.context(user, Uuid::nil(), now)?;
        let mut loaded = Loaded::default();
        loop {
            let ask = server::ask_action(action, &loaded);
            if ask.is_empty() {
                break;
            }
            self.load(ask, user, &mut loaded);
        }
        let writes = server::act(action, loaded, &context, &self.people)?;
        self.write(&writes, Uuid::nil());
        Some(writes)
    }

    fn load(&self, ask: Ask, user: Uuid, loaded: &mut Loaded) {
        for id in ask.records {
            loaded.records.insert(id, self.records.get(&id).cloned());
        }
        for root in ask.below {
            let below = self.below.get(&root).cloned().unwrap_or_default();
            loaded.below.insert(root, below);
        }
        for op in ask.answers {
            loaded.answers.insert(op, self.answers.get(&op).cloned());
        }
        for root in ask.shares {
            let shares = self.shares.get(&root).cloned().unwrap_or_default();
            loaded.shares.insert(root, shares);
        }
        for id in ask.lost {
            loaded.lost.insert(id, self.when_lost(user, id));
        }
        for unique in ask.unique {
            let holders = self.unique.get(&unique).cloned().unwrap_or_default();
            loaded.unique.insert(unique, holders);
        }
        for series in ask.series {
            let last = self.series.get(&series).copied().unwrap_or(0);
            loaded.series.insert(series, last);
        }
        for merge in ask.merges {
            loaded
                .merges
                .insert(merge, self.merges.get(&merge).cloned());
        }
        if let Some(feed) = ask.feed {
            let entries = self.feed(&feed);
            loaded.feed.push((feed, entries));
        }
        if let Some(ask) = ask.history {
            let mut entries = Vec::new();
            for (record, seq) in &ask.records {
                let of_it = |entry: &&HistoryEntry| entry.record == *record && entry.seq > *seq;
                let newest = self.history.iter().rev().filter(of_it).take(ask.each);
                entries.extend(newest.cloned());
            }
            loaded.history = Some(entries);
        }
        for scope in ask.sums {
            let sums = self.sums.get(&scope).cloned();
            let none = || vec![Sum::default(); BUCKETS];
            loaded.sums.insert(scope, sums.unwrap_or_else(none));
        }
        if let Some((scope, buckets)) = ask.buckets {
            let rows = self.feed.range((scope, Uuid::nil())..=(scope, Uuid::max()));
            let rows = rows
                .filter(|((_, id), entry)| !entry.leave && buckets.contains(&digest::bucket(*id)));
            loaded.buckets = Some(rows.map(|((_, id), _)| *id).collect());
        }
    }

    fn when_lost(&self, user: Uuid, id: Uuid) -> Option<Seq> {
        let granted = self.actor(user)?;
        let left = granted.scopes.keys().filter_map(|scope| {
            let entry = self.feed.get(&(*scope, id))?;
            entry.leave.then_some(entry.seq)
        });
        let root = self.records.get(&id).map(|record| record.root);
        let taken = self.lost.iter().filter(|(who, ..)| *who == user);
        let taken = taken.filter_map(|(_, scope, seq)| {
            let stands = match scope {
                Scope::Root(shared) => root == Some(*shared),
                scope => self
                    .feed
                    .get(&(*scope, id))
                    .is_some_and(|entry| !entry.leave),
            };
            stands.then_some(*seq)
        });
        left.chain(taken).max()
    }

    fn feed(&self, ask: &FeedAsk) -> Vec<FeedEntry> {
        match ask {
            FeedAsk::After { scopes, limit } => {
                let mut found: Vec<FeedEntry> = scopes
                    .iter()
                    .flat_map(|(scope, seq)| {
                        let from = (*scope, *seq + 1, Uuid::nil());
                        let range = self.by_seq.range(from..=(*scope, Seq::MAX, Uuid::max()));
                        range
                            .take(*limit)
                            .map(|(scope, _, id)| self.feed[&(*scope, *id)])
                    })
                    .collect();
                found.sort_by_key(|entry| (entry.seq, entry.id, entry.scope));
                found.truncate(*limit);
                found
            }
            FeedAsk::Page {
                scope,
                place,
                limit,
            } => {
                let first = (*scope, Uuid::nil());
                let rows = match place {
                    Place::Start => self.feed.range(first..=(*scope, Uuid::max())),
                    Place::Below(id) => self.feed.range(first..(*scope, *id)),
                };
                let rows = rows.rev().map(|(_, entry)| *entry);
                rows.filter(|entry| !entry.leave).take(*limit).collect()
            }
        }
    }

    fn write(&mut self, writes: &Writes, incarnation: Uuid) {
        self.head = writes.head;
        for (id, record) in &writes.records {
            if let Some(old) = self.records.get(id)
                && let Some(below) = self.below.get_mut(&old.root)
            {
                below.remove(id);
            }
            self.below.entry(record.root).or_default().insert(*id);
            self.records.insert(*id, record.clone());
        }
        for (key, entry) in &writes.feed {
            if let Some(old) = self.feed.insert(*key, *entry) {
                self.by_seq.remove(&(old.scope, old.seq, old.id));
            }
            self.by_seq.insert((entry.scope, entry.seq, entry.id));
        }
        for ((scope, bucket), sum) in &writes.sums {
            let none = || vec![Sum::default(); BUCKETS];
            let kept = &mut self.sums.entry(*scope).or_insert_with(none)[usize::from(*bucket)];
            kept.0 = kept.0.wrapping_add(sum.0);
        }
        self.history.extend(writes.history.iter().cloned());
        for answer in &writes.answers {
            self.answers.insert(answer.op_id, answer.clone());
        }
        if let Some(last) = writes.last_op_seq {
            self.incarnations.insert(incarnation, last);
        }
        for (unique, id) in &writes.unique_removed {
            if let Some(holders) = self.unique.get_mut(unique) {
                holders.remove(id);
            }
        }
        for (unique, id) in &writes.unique_added {
            self.unique.entry(unique.clone()).or_default().insert(*id);
        }
        self.series.extend(writes.series.clone());
        self.merges.extend(writes.merges.clone());
        self.shares.extend(writes.shares.clone());
        self.lost.extend(&writes.lost);
        self.people.extend(writes.people.clone());
    }

    /// Living rows of a scope, as the feed has them.
    pub fn in_scope(&self, scope: Scope) -> BTreeSet<Uuid> {
        let rows = self.feed.range((scope, Uuid::nil())..=(scope, Uuid::max()));
        rows.filter(|(_, entry)| !entry.leave)
            .map(|((_, id), _)| *id)
            .collect()
    }
}
