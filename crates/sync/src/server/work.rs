//! What a push changes, before it is written: layers over what was loaded, so that an op or an atomic transaction that
//! is refused leaves nothing behind.

use std::collections::{BTreeMap, BTreeSet};

use ketu_model::authorize::{Act, Scope, authorize};
use ketu_model::clock::Hlc;
use ketu_model::{Catalog, EntityDef};
use uuid::Uuid;

use super::{Context, Loaded, Share, Unique};
use crate::message::{HistoryEntry, Link, Op, life};
use crate::planted::{Bug, on};
use crate::record::{Record, Seq, Version};

/// What the server itself writes: cards, and what it takes back from rows that were vouched for.
pub(super) const SERVER: Uuid = Uuid::nil();

#[derive(Debug, Clone, Default)]
pub(super) struct Layer {
    pub records: BTreeMap<Uuid, Record>,
    /// Records that changed scope, or may have, without being changed themselves.
    pub moved: BTreeMap<Uuid, Seq>,
    pub shares: BTreeMap<Uuid, Vec<Share>>,
    pub history: Vec<HistoryEntry>,
    /// Values taken (true) and given up (false).
    pub unique: BTreeMap<(Unique, Uuid), bool>,
    pub series: BTreeMap<String, i64>,
    pub merges: BTreeMap<Uuid, Vec<Uuid>>,
    pub head: Option<Seq>,
}

impl Layer {
    fn absorb(&mut self, other: Self) {
        self.records.extend(other.records);
        self.moved.extend(other.moved);
        self.shares.extend(other.shares);
        self.history.extend(other.history);
        self.unique.extend(other.unique);
        self.series.extend(other.series);
        self.merges.extend(other.merges);
        self.head = other.head.or(self.head);
    }
}

pub(super) struct Work<'a> {
    pub context: &'a Context,
    pub catalog: &'a Catalog,
    pub base: Loaded,
    pub incarnation: Uuid,
    /// What stands for good.
    pub kept: Layer,
    /// The transaction that is being decided.
    group: Layer,
    /// The op that is being decided.
    pub layer: Layer,
    /// Links of the push's own ops.
    pub links: BTreeMap<Uuid, BTreeMap<String, Link>>,
    /// Records of ops that were put off: what comes later for them waits too, so that the order stays.
    pub put_off: BTreeSet<Uuid>,
}

impl<'a> Work<'a> {
    pub fn new(context: &'a Context, base: Loaded, incarnation: Uuid) -> Self {
        Self {
            context,
            catalog: &context.catalog,
            base,
            incarnation,
            kept: Layer::default(),
            group: Layer::default(),
            layer: Layer::default(),
            links: BTreeMap::new(),
            put_off: BTreeSet::new(),
        }
    }

    /// What an op of the same laptop says of a field that it built upon: one of this push, or one that was rejected.
    pub fn link_of(&self, op: Uuid, field: &str) -> Option<Link> {
        let answered = || Some(&self.base.answers.get(&op)?.as_ref()?.chain);
        self.links.get(&op).or_else(answered)?.get(field).copied()
    }

    /// The op's changes stand as far as its transaction does.
    pub fn keep_op(&mut self) {
        self.group.absorb(std::mem::take(&mut self.layer));
    }

    pub fn drop_op(&mut self) {
        self.layer = Layer::default();
    }

    pub fn keep_group(&mut self) {
        self.kept.absorb(std::mem::take(&mut self.group));
    }

    pub fn drop_group(&mut self) {
        self.group = Layer::default();
    }

    fn layers(&self) -> [&Layer; 3] {
        [&self.layer, &self.group, &self.kept]
    }

    pub fn head(&self) -> Seq {
        let mut heads = self.layers().into_iter().filter_map(|layer| layer.head);
        heads.next().unwrap_or(self.context.head)
    }

    /// The next place in the order.
    pub fn next_seq(&mut self) -> Seq {
        let seq = if on(Bug::ReuseSeq) {
            self.context.head + 1
        } else {
            self.head() + 1
        };
        self.layer.head = Some(seq);
        seq
    }

    pub fn record(&self, id: Uuid) -> Option<&Record> {
        let mut layers = self.layers().into_iter();
        layers
            .find_map(|layer| layer.records.get(&id))
            .or_else(|| self.base.records.get(&id)?.as_ref())
    }

    /// Puts a changed record; what depends on its scope follows from it.
    pub fn put(&mut self, record: Record) {
        self.layer.records.insert(record.id, record);
    }

    /// The record stood still, but its scopes may be others now.
    pub fn note_moved(&mut self, id: Uuid, seq: Seq) {
        self.layer.moved.insert(id, seq);
    }

    /// Everything that hangs below a root now, itself included. Asked for under `below` before.
    pub fn below(&self, root: Uuid) -> BTreeSet<Uuid> {
        let mut ids: BTreeSet<Uuid> = self.base.below.get(&root).cloned().unwrap_or_default();
        for layer in self.layers() {
            ids.extend(layer.records.keys());
        }
        ids.retain(|id| self.record(*id).is_some_and(|record| record.root == root));
        ids
    }

    pub fn shares(&self, root: Uuid) -> &[Share] {
        let mut layers = self.layers().into_iter();
        layers
            .find_map(|layer| layer.shares.get(&root))
            .or_else(|| self.base.shares.get(&root))
            .map_or(&[], Vec::as_slice)
    }

    pub fn set_shares(&mut self, root: Uuid, shares: Vec<Share>) {
        self.layer.shares.insert(root, shares);
    }

    pub fn series(&self, name: &str) -> i64 {
        debug_assert!(
            self.base.series.contains_key(name),
            "{name} was not asked for"
        );
        let mut layers = self.layers().into_iter();
        layers
            .find_map(|layer| layer.series.get(name))
            .or_else(|| self.base.series.get(name))
            .copied()
            .unwrap_or(0)
    }

    /// What a merge moved, the merged record first.
    pub fn merged_by(&self, op: Uuid) -> Option<Vec<Uuid>> {
        let mut layers = self.layers().into_iter();
        layers
            .find_map(|layer| layer.merges.get(&op).cloned())
            .or_else(|| self.base.merges.get(&op).cloned().flatten())
    }

    /// Who has this value besides `id`.
    pub fn holders(&self, unique: &Unique, id: Uuid) -> BTreeSet<Uuid> {
        let mut holders = self.base.unique.get(unique).cloned().unwrap_or_default();
        let of_this = (unique.clone(), Uuid::nil())..=(unique.clone(), Uuid::max());
        for layer in self.layers().into_iter().rev() {
            for ((_, by), taken) in layer.unique.range(of_this.clone()) {
                if *taken {
                    holders.insert(*by);
                } else {
                    holders.remove(by);
                }
            }
        }
        holders.remove(&id);
        holders
    }

    pub fn entity(&self, key: &str) -> Option<&'a EntityDef> {
        self.catalog.entity(key)
    }

    pub fn scopes(&self, record: &Record) -> Vec<Scope> {
        let shared = !self.shares(record.root).is_empty();
        self.scopes_with(record, self.record(record.root), shared)
    }

    /// The record as it stood before the push.
    pub fn record_before(&self, id: Uuid) -> Option<&Record> {
        self.base.records.get(&id)?.as_ref()
    }

    /// The scopes that a record stood in before the push.
    pub fn scopes_before(&self, record: &Record) -> Vec<Scope> {
        let shared = !self.shares_before(record.root).is_empty();
        self.scopes_with(record, self.record_before(record.root), shared)
    }

    pub fn shares_before(&self, root: Uuid) -> &[Share] {
        self.base.shares.get(&root).map_or(&[], Vec::as_slice)
    }

    fn scopes_with(&self, record: &Record, root: Option<&Record>, shared: bool) -> Vec<Scope> {
        let Some(entity) = self.entity(&record.entity) else {
            return Vec::new();
        };
        let root = if record.root == record.id {
            Some(record)
        } else {
            root
        };
        super::scopes::of(entity, record, root, shared)
    }

    pub fn may(&self, act: Act, entity: &EntityDef, record: &Record) -> bool {
        let scopes = self.scopes(record);
        authorize(
            &self.context.actor,
            act,
            entity,
            record.id,
            record.root == record.id,
            &scopes,
        )
    }

    /// The version that an op gives to what it sets.
    pub fn version(&self, op: &Op, seq: Seq) -> Version {
        Version {
            rev: seq,
            hlc: self.clamp(op.hlc),
            author: Some(self.context.actor.user),
            writer: self.incarnation,
            op: op.op_id,
            base: op.base,
            was: op.was.clone(),
        }
    }

    /// Whether whoever had read up to a seq knew what stands at this rev. A seq from a life of the server that ended says what of
    /// that life was known, also where it had to be sent again.
    pub fn is_known(rev: Seq, was: &[Seq], seq: Seq) -> bool {
        rev <= seq || was.iter().any(|was| *was <= seq && life(*was) == life(seq))
    }

    /// A clock from the future is not believed (§4.3).
    pub fn clamp(&self, hlc: Hlc) -> Hlc {
        if on(Bug::NoClamp) {
            return hlc;
        }
        hlc.min(Hlc::from_millis(self.context.now))
    }
}
