//! Ops that move more than one record: transfer, merge and split, and the shares that follow from opportunities
//! (docs/sync-protocol.md §1.7, §4.6).

use std::collections::BTreeMap;

use ketu_model::EntityDef;
use ketu_model::authorize::{Act, Level};
use ketu_model::entity::{Root, Scope as Kinds};
use serde_json::Value as Json;
use uuid::Uuid;

use super::decide::{Decided, new_id, note};
use super::vouch::place_of;
use super::work::Work;
use super::{Reason, Share, field};
use crate::message::{Code, Kind, Op, Outcome};
use crate::planted::{Bug, on};
use crate::record::{MERGED_INTO, Record, Version, canonical, id_json};

pub(super) fn transfer(
    work: &mut Work<'_>,
    op: &Op,
    entity: &EntityDef,
    mut record: Record,
) -> Decided {
    let before = record.clone();
    let (old_root, old_owner) = (record.root, record.id_in("owner"));
    let seq = work.next_seq();
    let version = work.version(op, seq);
    let mut moved = false;
    for (key, (_, new)) in &op.patch {
        let new = canonical(new.clone());
        if *record.value(key) == new {
            continue;
        }
        if !field::is_accepted(work, &before, key, op) {
            let code = Code::Moved;
            let field = Some(key.clone());
            return (Outcome::Rejected { code, field }, None);
        }
        if let Root::Of(root) = &entity.root
            && root == key
        {
            match new_root(work, op, key, record.id) {
                Ok(root) => record.root = root,
                Err(code) => return (Outcome::rejected(code), None),
            }
            let new = new_id(op, key).map_or(Json::Null, |_| id_json(record.root));
            record.set(key, new, version.clone());
        } else {
            record.set(key, new, version.clone());
        }
        moved = true;
    }
    if !moved {
        return (Outcome::Applied, None);
    }
    record.updated_at = version.hlc.millis();
    record.updated_by = version.author;
    work.put(record.clone());
    note(work, op, &record, seq, &op.patch, Vec::new());
    super::decide::revive(work, op, record.id, seq);
    if record.root != record.id {
        super::decide::revive(work, op, record.root, seq);
    }
    let owner = record.id_in("owner");
    if record.root == record.id && owner != old_owner && !on(Bug::TransferRootOnly) {
        // What came back in a row that had the transfer in it is where it was.
        let is_meant = |child: &Record| place_of(op, child).is_none();
        take_along(work, record.id, (old_owner, owner), &version, is_meant);
    }
    for root in [old_root, record.root] {
        reshare(work, root);
    }
    (Outcome::Applied, Some(seq))
}

/// The root that a transfer moves a record below, if its author may put it there.
fn new_root(work: &Work<'_>, op: &Op, key: &str, id: Uuid) -> Result<Uuid, Code> {
    let Some(root) = new_id(op, key) else {
        return Ok(id);
    };
    let mut above = work.record(root).ok_or(Code::NoRoot)?;
    if let Some(survivor) = above.id_in(MERGED_INTO) {
        above = work.record(survivor).ok_or(Code::NoRoot)?;
    }
    if above.root != above.id {
        return Err(Code::NoRoot);
    }
    let entity = work.entity(&above.entity).ok_or(Code::NoRoot)?;
    if work.may(Act::Update, entity, above) {
        Ok(above.id)
    } else {
        Err(Code::Forbidden)
    }
}

/// A customer's transfer: everything below it changes scope, the old owner's opportunities and open reminders get the new.
pub(super) fn take_along(
    work: &mut Work<'_>,
    root: Uuid,
    (old, new): (Option<Uuid>, Option<Uuid>),
    version: &Version,
    is_meant: impl Fn(&Record) -> bool,
) {
    for id in work.below(root) {
        work.note_moved(id, version.rev);
        let Some(child) = work.record(id).filter(|child| child.id != root) else {
            continue;
        };
        let goes = goes_along(work, child) && is_meant(child);
        if old.is_some() && child.id_in("owner") == old && goes {
            let mut child = child.clone();
            follow(
                &mut child,
                "owner",
                new.map_or(Json::Null, id_json),
                version,
            );
            work.put(child);
        }
    }
}

/// Whether the owner of a record below a customer is whoever has the customer: not of visits, which name who made them.
fn goes_along(work: &Work<'_>, child: &Record) -> bool {
    let Some(entity) = work.entity(&child.entity) else {
        return false;
    };
    let moves = entity.field("owner").is_some_and(|owner| owner.moves);
    let open = entity.scope == Kinds::User && child.value("done_at").is_null();
    moves || open
}

/// Shares of a root that follow from its opportunities, as they are now.
pub(super) fn reshare(work: &mut Work<'_>, root: Uuid) {
    let Some(customer) = work.record(root).filter(|root| root.entity == "customer") else {
        return;
    };
    // What hangs below is loaded where an op can change its shares.
    if work.record_before(root).is_some() && !work.base.below.contains_key(&root) {
        return;
    }
    let owner = customer.id_in("owner");
    let mut shares: Vec<Share> = work
        .shares(root)
        .iter()
        .filter(|share| share.reason == Reason::Given)
        .cloned()
        .collect();
    for id in work.below(root) {
        let Some(child) = work.record(id) else {
            continue;
        };
        if child.entity != "opportunity" || child.deleted.is_some() {
            continue;
        }
        if let Some(user) = child.id_in("owner").filter(|user| Some(*user) != owner) {
            shares.push(Share {
                user,
                level: Level::Write,
                reason: Reason::Opportunity(id),
            });
        }
    }
    shares.sort_by_key(|share| (share.user, share.reason));
    if shares != work.shares(root) {
        work.set_shares(root, shares);
    }
}

pub(super) fn merge_or_split(
    work: &mut Work<'_>,
    op: &Op,
    entity: &EntityDef,
    record: Record,
) -> Decided {
    if record.id_in(MERGED_INTO).is_some() {
        return (Outcome::rejected(Code::Moved), None);
    }
    if !work.may(Act::Move, entity, &record) {
        return (Outcome::rejected(Code::Forbidden), None);
    }
    let other = op
        .other
        .expect("a merge without another record is malformed");
    if op.kind == Kind::Merge {
        merge(work, op, entity, record, other)
    } else {
        split(work, op, record, other)
    }
}

fn merge(work: &mut Work<'_>, op: &Op, entity: &EntityDef, record: Record, other: Uuid) -> Decided {
    let Some(mut gone) = work.record(other).cloned() else {
        return (Outcome::rejected(Code::NotFound), None);
    };
    if gone.entity != record.entity || gone.id == record.id || record.root != record.id {
        return (Outcome::rejected(Code::Malformed), None);
    }
    if gone.id_in(MERGED_INTO).is_some() || gone.deleted.is_some() || record.deleted.is_some() {
        return (Outcome::rejected(Code::Moved), None);
    }
    if !work.may(Act::Move, entity, &gone) {
        return (Outcome::rejected(Code::Forbidden), None);
    }
    let seq = work.next_seq();
    let version = work.version(op, seq);
    let mut moved = vec![other];
    for id in work.below(other) {
        if id != other {
            hang_below(work, id, record.id, &version);
            moved.push(id);
        }
    }
    gone.set(MERGED_INTO, id_json(record.id), version.clone());
    gone.set_deleted(Some(version.hlc.millis()), version.clone());
    release_or_claim(work, op, entity, other, gone, &version);
    let mut kept = record;
    touch(&mut kept, &version);
    work.put(kept.clone());
    note(work, op, &kept, seq, &BTreeMap::new(), Vec::new());
    work.layer.merges.insert(op.op_id, moved);
    reshare(work, kept.id);
    reshare(work, other);
    (Outcome::Applied, Some(seq))
}

fn split(work: &mut Work<'_>, op: &Op, record: Record, merge: Uuid) -> Decided {
    let Some(moved) = work.merged_by(merge).filter(|moved| !moved.is_empty()) else {
        return (Outcome::rejected(Code::NotFound), None);
    };
    let back = moved[0];
    let Some(mut gone) = work.record(back).cloned() else {
        return (Outcome::rejected(Code::NotFound), None);
    };
    if gone.id_in(MERGED_INTO) != Some(record.id) {
        return (Outcome::rejected(Code::Moved), None);
    }
    let Some(entity) = work.entity(&gone.entity) else {
        return (Outcome::rejected(Code::Malformed), None);
    };
    let seq = work.next_seq();
    let version = work.version(op, seq);
    gone.set(MERGED_INTO, Json::Null, version.clone());
    gone.set_deleted(None, version.clone());
    release_or_claim(work, op, entity, back, gone, &version);
    for id in &moved[1..] {
        // What was moved elsewhere since stays there.
        if work
            .record(*id)
            .is_some_and(|child| child.root == record.id)
        {
            hang_below(work, *id, back, &version);
        }
    }
    let mut kept = record;
    touch(&mut kept, &version);
    work.put(kept.clone());
    note(work, op, &kept, seq, &BTreeMap::new(), Vec::new());
    reshare(work, kept.id);
    reshare(work, back);
    (Outcome::Applied, Some(seq))
}

/// Marks that something of the record changed, without a field of it doing so.
fn touch(record: &mut Record, version: &Version) {
    record.touch(version);
    record.updated_at = version.hlc.millis();
    record.updated_by = version.author;
}

fn release_or_claim(
    work: &mut Work<'_>,
    op: &Op,
    entity: &EntityDef,
    id: Uuid,
    mut record: Record,
    version: &Version,
) {
    let before = work.record(id).cloned();
    super::rules::claim(
        work,
        Some(op),
        entity,
        before.as_ref(),
        &mut record,
        version,
    );
    work.put(record);
}

pub(super) fn hang_below(work: &mut Work<'_>, id: Uuid, root: Uuid, version: &Version) {
    let Some(mut child) = work.record(id).cloned() else {
        return;
    };
    let Some(entity) = work.entity(&child.entity) else {
        return;
    };
    child.root = root;
    if let Root::Of(key) = &entity.root {
        follow(&mut child, key, id_json(root), version);
    }
    child.touch(version);
    work.put(child);
}

/// Sets what follows from a change of another record. Who knew that change in a life that ended (§7.7) knew this one only as
/// far as what stands here was known.
fn follow(child: &mut Record, key: &str, value: Json, version: &Version) {
    let mut version = version.clone();
    if !child.is_made_with(key) {
        version.was = field::known_from(&version.was, child.version_of(key));
    }
    child.set(key, value, version);
}
