//! Which scopes a record stands in, and what the feed and the digests make of it (docs/sync-protocol.md §1.7, §5.1, §6.1).

use std::collections::{BTreeMap, BTreeSet};

use ketu_model::EntityDef;
use ketu_model::authorize::Scope;
use ketu_model::entity::{Root, Scope as Kind};
use uuid::Uuid;

use super::work::Work;
use super::{FeedEntry, Writes};
use crate::digest;
use crate::message::Sum;
use crate::planted::{Bug, on};
use crate::record::{Record, Values, id_of};

/// The scopes of a record that hangs below `root`, which may be shared.
pub(super) fn of(
    entity: &EntityDef,
    record: &Record,
    root: Option<&Record>,
    shared: bool,
) -> Vec<Scope> {
    let owner = record.id_in("owner");
    match entity.scope {
        Kind::Org => vec![Scope::Org],
        Kind::User => owner
            .or(record.created_by)
            .map(Scope::User)
            .into_iter()
            .collect(),
        Kind::Root => {
            let first = match root.map(|root| (root, root.id_in("owner"))) {
                Some((_, Some(owner))) => Scope::Owner(owner),
                Some((root, None)) if root.entity == "customer" => Scope::Pool,
                // Without a customer it belongs to whoever made it.
                _ => match owner.or(record.created_by) {
                    Some(user) => Scope::Owner(user),
                    None => Scope::Pool,
                },
            };
            let mut scopes = vec![first];
            if shared {
                scopes.push(Scope::Root(record.root));
            }
            scopes
        }
    }
}

/// The root that a record with these fields hangs below.
pub fn root_of(entity: &EntityDef, id: Uuid, fields: &Values) -> Uuid {
    match &entity.root {
        Root::Own => id,
        Root::Of(key) => fields.get(key.as_ref()).and_then(id_of).unwrap_or(id),
    }
}

/// Feed entries and sums from what stood before the push and what stands after it; answers the sums of the rows that
/// stand in the feed now.
pub(super) fn finish(work: &Work<'_>, writes: &mut Writes) -> BTreeMap<Uuid, Sum> {
    let mut touched: BTreeSet<Uuid> = work.kept.records.keys().copied().collect();
    touched.extend(work.kept.moved.keys());
    for root in work.kept.shares.keys() {
        let (was, is) = (work.shares_before(*root), work.shares(*root));
        if was.is_empty() != is.is_empty() && !(was.is_empty() && on(Bug::ShareWithoutSnapshot)) {
            touched.extend(work.below(*root));
        }
        let gone = was
            .iter()
            .filter(|was| !is.iter().any(|is| is.user == was.user));
        let scope = Scope::Root(*root);
        writes
            .lost
            .extend(gone.map(|share| (share.user, scope, writes.head)));
    }
    let mut taken = BTreeSet::new();
    let mut stands = BTreeMap::new();
    for id in touched {
        let Some(record) = work.record(id) else {
            continue;
        };
        let old = work.record_before(id);
        let left: Vec<Scope> = match old {
            Some(old) if on(Bug::LeaveFromPostState) => work.scopes(old),
            Some(old) => work.scopes_before(old),
            None => Vec::new(),
        };
        let entered = work.scopes(record);
        let (was, sum) = (old.map(|old| old.row().sum()), record.row().sum());
        // What is only remembered of a record is nobody's to pull.
        let changed = was != Some(sum);
        let moved = work.kept.moved.get(&id).copied().unwrap_or(0);
        if !changed && left == entered && moved == 0 {
            continue;
        }
        let mut seq = record.rev.max(moved);
        // What changed scope with its root, or by a share, or by an op that changed others too, has a place of its own: an
        // op may move more records than a page holds.
        if seq <= work.context.head || !taken.insert(seq) {
            writes.head += 1;
            seq = writes.head;
        }
        let bucket = digest::bucket(id);
        if let Some(was) = was {
            for scope in &left {
                digest::add(&mut writes.sums, (*scope, bucket), was.wrapping_neg());
            }
        }
        stands.insert(id, Sum(sum));
        for scope in &entered {
            digest::add(&mut writes.sums, (*scope, bucket), sum);
            let kept = on(Bug::EnterKeepsSeq) && !left.contains(scope);
            let entry = FeedEntry {
                scope: *scope,
                id,
                seq: if kept {
                    old.map_or(seq, |old| old.rev)
                } else {
                    seq
                },
                leave: false,
            };
            writes.feed.insert((*scope, id), entry);
        }
        for scope in left {
            if !entered.contains(&scope) && !on(Bug::SkipLeave) {
                let leave = FeedEntry {
                    scope,
                    id,
                    seq,
                    leave: true,
                };
                writes.feed.insert((scope, id), leave);
            }
        }
    }
    writes.sums.retain(|_, sum| *sum != Sum(0));
    stands
}
