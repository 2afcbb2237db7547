//! One op against the record as it stands: create, update, delete, restore (docs/sync-protocol.md §4.4 to §4.9).

use std::collections::BTreeMap;

use ketu_model::EntityDef;
use ketu_model::authorize::Act;
use ketu_model::entity::Scope as Kinds;
use ketu_model::field::MergeClass;
use serde_json::Value as Json;
use uuid::Uuid;

use super::cards::{self, Card};
use super::field::{self, Verdict};
use super::work::Work;
use super::{expand, rules, scopes, vouch};
use crate::message::{Code, HistoryEntry, Kind, Op, Outcome};
use crate::planted::{Bug, on};
use crate::record::{
    DELETED, FORMER_NUMBERS, MERGED_INTO, Record, Seq, Touch, Values, canonical, id_json, id_of,
};

/// What became of an op, and the rev that its record has by it.
pub(super) type Decided = (Outcome, Option<Seq>);

/// Decides an op. What it changes stands in the work's layer; a rejected op's layer is thrown away.
pub(super) fn decide(work: &mut Work<'_>, op: &Op) -> Decided {
    let waits = |id: &Uuid| work.put_off.contains(id);
    let named = [Some(op.record), Some(op.root), op.other];
    let entity = work.entity(&op.entity);
    let Some(entity) = entity.filter(|_| !named.iter().flatten().any(waits)) else {
        let code = Code::UnknownEntity;
        return (Outcome::Deferred { code }, None);
    };
    if let Some(code) = misshapen(entity, op) {
        return (Outcome::rejected(code), None);
    }
    let existing = work.record(op.record).cloned();
    if existing.as_ref().is_some_and(|r| r.entity != op.entity) {
        return (Outcome::rejected(Code::Malformed), None);
    }
    if let Some(record) = &existing
        && let Some(place) = vouch::place_told(work, op, record)
    {
        return vouch::told_before(work, op, record.clone(), place);
    }
    match (op.kind, existing) {
        (Kind::Create, None) => create(work, op, entity),
        (_, None) => (Outcome::rejected(Code::NotFound), None),
        (Kind::Merge | Kind::Split, Some(record)) => {
            expand::merge_or_split(work, op, entity, record)
        }
        (_, Some(record)) => {
            // A survivor that a restored server forgot redirects nothing.
            let survivor = record.id_in(MERGED_INTO);
            if let Some(survivor) = survivor.and_then(|id| work.record(id).cloned()) {
                return redirected(work, op, &record, &survivor);
            }
            let act = match op.kind {
                Kind::Delete => Act::Delete,
                Kind::Transfer => Act::Move,
                _ => Act::Update,
            };
            if !work.may(act, entity, &record) {
                return without_right(work, op, entity, record);
            }
            change(work, op, entity, record)
        }
    }
}

fn change(work: &mut Work<'_>, op: &Op, entity: &EntityDef, record: Record) -> Decided {
    match op.kind {
        Kind::Create | Kind::Update => update(work, op, entity, record),
        Kind::Delete => delete(work, op, entity, record),
        Kind::Restore => restore(work, op, entity, record),
        Kind::Transfer => expand::transfer(work, op, entity, record),
        Kind::Merge | Kind::Split => unreachable!("a merge is decided before"),
    }
}

/// What no honest laptop sends.
fn misshapen(entity: &EntityDef, op: &Op) -> Option<Code> {
    let server_only = match entity.key.as_ref() {
        "conflict" => op.kind != Kind::Update || op.patch.keys().any(|key| key != "state"),
        "user" => op.kind != Kind::Update,
        _ => false,
    };
    if server_only {
        return Some(Code::ServerOnly);
    }
    let moves = |key: &String| entity.field(key).is_some_and(|field| field.moves);
    let reserved = |key: &String| [DELETED, MERGED_INTO, FORMER_NUMBERS].contains(&key.as_str());
    let malformed = match op.kind {
        Kind::Create => op
            .patch
            .keys()
            .any(|key| key == DELETED || key == MERGED_INTO),
        Kind::Update => op.patch.keys().any(|key| reserved(key) || moves(key)),
        Kind::Transfer => op.patch.is_empty() || !op.patch.keys().all(moves),
        Kind::Delete | Kind::Restore => op.patch.keys().any(|key| key != DELETED),
        Kind::Merge | Kind::Split => op.other.is_none(),
    };
    malformed.then_some(Code::Malformed)
}

fn create(work: &mut Work<'_>, op: &Op, entity: &EntityDef) -> Decided {
    if let Some(refused) = rules::check(entity, &op.patch) {
        return (refused, None);
    }
    let mut fields: Values = op
        .patch
        .iter()
        .map(|(key, (_, new))| (key.clone(), canonical(new.clone())))
        .filter(|(_, value)| !value.is_null())
        .collect();
    let mut root = scopes::root_of(entity, op.record, &fields);
    if root != op.record {
        let Some(mut above) = work.record(root) else {
            return (Outcome::rejected(Code::NoRoot), None);
        };
        if let Some(survivor) = above.id_in(MERGED_INTO)
            && let Some(merged) = work.record(survivor)
        {
            above = merged;
            root = survivor;
            if let ketu_model::entity::Root::Of(key) = &entity.root {
                fields.insert(key.to_string(), id_json(root));
            }
        }
        // Only what is a root itself has something below it.
        if above.root != above.id {
            return (Outcome::rejected(Code::NoRoot), None);
        }
    }
    let user = work.context.actor.user;
    let seq = work.next_seq();
    let version = work.version(op, seq);
    let mut record = Record {
        entity: op.entity.clone(),
        id: op.record,
        root,
        rev: seq,
        created_at: version.hlc.millis(),
        created_by: Some(user),
        updated_at: version.hlc.millis(),
        updated_by: Some(user),
        deleted: None,
        fields,
        version: version.clone(),
        overrides: BTreeMap::new(),
        last: Touch::from(&version),
        last_other: None,
        vouched: Vec::new(),
        unplaced: Vec::new(),
    };
    let handed_over = if may_create(work, entity, &record) {
        None
    } else if when_lost(work, root).is_some_and(|lost| lost > op.seen) {
        let to = work.record(root).and_then(|root| root.id_in("owner"));
        Some(Outcome::HandedOver { to, card: None })
    } else {
        return (Outcome::rejected(Code::Forbidden), None);
    };
    rules::claim(work, Some(op), entity, None, &mut record, &version);
    work.put(record.clone());
    note(work, op, &record, seq, &op.patch, Vec::new());
    if root != record.id {
        revive(work, op, root, seq);
    }
    if entity.key == "opportunity" {
        expand::reshare(work, root);
    }
    let stands = handed_over.unwrap_or(Outcome::Applied);
    (stands, Some(seq))
}

fn may_create(work: &Work<'_>, entity: &EntityDef, record: &Record) -> bool {
    if entity.scope == Kinds::Root && record.root == record.id {
        // A new customer may be a colleague's from its first day.
        return true;
    }
    if entity.scope == Kinds::User && record.root != record.id {
        // So may a reminder about a customer that the author works on.
        let root = work.record(record.root);
        let customer = root.and_then(|root| Some((root, work.entity(&root.entity)?)));
        return customer.is_some_and(|(root, entity)| work.may(Act::Update, entity, root));
    }
    work.may(Act::Create, entity, record)
}

fn update(work: &mut Work<'_>, op: &Op, entity: &EntityDef, mut record: Record) -> Decided {
    if let Some(refused) = rules::check(entity, &op.patch) {
        return (refused, None);
    }
    let before = record.clone();
    let seq = work.next_seq();
    let given = work.version(op, seq);
    let (mut lost, mut disputed, mut stood) = (Vec::new(), Vec::new(), false);
    for (key, change) in &op.patch {
        let def = entity.field(key);
        // A record made twice keeps its place.
        if def.is_some_and(|field| field.moves) {
            continue;
        }
        let class = def.map_or(MergeClass::Scalar, |field| field.merge);
        match field::decide(work, &before, key, class, op, change, given.clone()) {
            Verdict::Same => {}
            Verdict::Stands {
                value,
                version,
                disputed: asks,
            } => {
                record.set(key, value, version);
                stood = true;
                if asks {
                    disputed.push(key.clone());
                }
            }
            Verdict::Lost { disputed: asks } => {
                lost.push(key.clone());
                if asks {
                    disputed.push(key.clone());
                }
            }
        }
    }
    if on(Bug::EraseUnknown) {
        record.fields.retain(|key, _| entity.field(key).is_some());
    }
    if stood {
        record.updated_at = given.hlc.millis();
        record.updated_by = given.author;
        rules::claim(work, Some(op), entity, Some(&before), &mut record, &given);
        // What a merged field was known by says less than when the op was.
        record.touch(&given);
    }
    work.put(record.clone());
    for key in disputed {
        let (old, new) = &op.patch[&key];
        let card = Card::new("critical", &before, &key)
            .base(old.clone())
            .yours(new.clone())
            .theirs(before.value(&key).clone());
        cards::add(work, op, &before, card);
    }
    let revived = revive(work, op, record.id, seq);
    if record.root != record.id {
        revive(work, op, record.root, seq);
    }
    if !lost.is_empty() && !stood {
        work.note_moved(record.id, seq);
    }
    if stood || revived || !lost.is_empty() {
        note(work, op, &before, seq, &op.patch, lost.clone());
    }
    let outcome = if lost.is_empty() {
        Outcome::Applied
    } else {
        Outcome::Merged { lost }
    };
    (outcome, (stood || revived).then_some(seq))
}

/// Brings a record back that was deleted without the op's author knowing (§4.5).
pub(super) fn revive(work: &mut Work<'_>, op: &Op, id: Uuid, seq: Seq) -> bool {
    let Some(record) = work.record(id).filter(|record| record.deleted.is_some()) else {
        return false;
    };
    let deletion = record.version_of(DELETED).clone();
    let unseen = !Work::is_known(deletion.rev, &deletion.was, op.seen)
        && deletion.writer != work.incarnation;
    if !unseen || record.fields.contains_key(MERGED_INTO) || on(Bug::NoRevival) {
        return false;
    }
    let before = record.clone();
    let mut record = before.clone();
    let Some(entity) = work.entity(&record.entity) else {
        return false;
    };
    let version = work.version(op, seq);
    record.set_deleted(None, version.clone());
    rules::claim(work, Some(op), entity, Some(&before), &mut record, &version);
    let root = record.root;
    work.put(record);
    if entity.key == "opportunity" {
        expand::reshare(work, root);
    }
    if op.was.is_empty() {
        let card = Card::new("revived", &before, DELETED).asked(deletion.author);
        cards::add(work, op, &before, card);
    }
    true
}

fn delete(work: &mut Work<'_>, op: &Op, entity: &EntityDef, mut record: Record) -> Decided {
    if record.deleted.is_some() {
        return (Outcome::Applied, None);
    }
    if changed_by_others(work, &record, op) && !on(Bug::DeleteWins) {
        let seq = work.next_seq();
        let lost = vec![DELETED.to_owned()];
        let change = BTreeMap::from([(DELETED.to_owned(), (Json::Null, Json::Null))]);
        note(work, op, &record, seq, &change, lost.clone());
        work.note_moved(record.id, seq);
        if op.was.is_empty() {
            let asked = Some(work.context.actor.user);
            cards::add(
                work,
                op,
                &record,
                Card::new("deleted", &record, DELETED).asked(asked),
            );
        }
        return (Outcome::Merged { lost }, None);
    }
    let before = record.clone();
    let seq = work.next_seq();
    let version = work.version(op, seq);
    let at = op.patch.get(DELETED).and_then(|(_, at)| at.as_i64());
    record.set_deleted(Some(at.unwrap_or(version.hlc.millis())), version.clone());
    rules::claim(work, Some(op), entity, Some(&before), &mut record, &version);
    let root = record.root;
    work.put(record.clone());
    note(work, op, &record, seq, &op.patch, Vec::new());
    if entity.key == "opportunity" {
        expand::reshare(work, root);
    }
    (Outcome::Applied, Some(seq))
}

/// Whether somebody else changed the record, or anything below it, without its author having seen it. Cards are no changes.
fn changed_by_others(work: &Work<'_>, record: &Record, op: &Op) -> bool {
    let newer = |record: &Record, seen: Seq| {
        let others = record.last_by_others(work.incarnation);
        others.is_some_and(|touch| !Work::is_known(touch.rev, &touch.was, seen))
    };
    // Of the record itself its rev says more than the checkpoint.
    if newer(record, op.seen.max(op.base)) {
        return true;
    }
    if record.root != record.id || on(Bug::DeleteIgnoresChildren) {
        return false;
    }
    let below = work.below(record.id);
    let mut below = below.iter().filter_map(|id| work.record(*id));
    below.any(|child| child.entity != "conflict" && newer(child, op.seen))
}

fn restore(work: &mut Work<'_>, op: &Op, entity: &EntityDef, mut record: Record) -> Decided {
    if record.deleted.is_none() {
        return (Outcome::Applied, None);
    }
    let before = record.clone();
    let seq = work.next_seq();
    let version = work.version(op, seq);
    record.set_deleted(None, version.clone());
    rules::claim(work, Some(op), entity, Some(&before), &mut record, &version);
    let root = record.root;
    work.put(record.clone());
    note(work, op, &record, seq, &op.patch, Vec::new());
    if root != record.id {
        revive(work, op, root, seq);
    }
    if entity.key == "opportunity" {
        expand::reshare(work, root);
    }
    (Outcome::Applied, Some(seq))
}

/// When the actor last had the record that it may not change now (§4.8).
fn when_lost(work: &Work<'_>, id: Uuid) -> Option<Seq> {
    let record = work.record(id)?;
    let actor = &work.context.actor;
    // Lost by this very push, or given to a colleague as it was made.
    let had = |scopes: &[_]| actor.level(scopes).is_some();
    let before = work
        .record_before(id)
        .map(|before| work.scopes_before(before));
    let now = had(&work.scopes(record));
    if !now && before.is_some_and(|before| had(&before)) {
        return Some(Seq::MAX);
    }
    // A right to look at it is not a right that was lost.
    if now {
        return None;
    }
    // Whoever made a record for a colleague had it until then.
    let made = (record.version.writer == work.incarnation).then_some(record.version.rev);
    work.base.lost.get(&id).copied().flatten().max(made)
}

/// An op whose author has no right to it any more, or never had.
fn without_right(work: &mut Work<'_>, op: &Op, entity: &EntityDef, record: Record) -> Decided {
    let lost = when_lost(work, record.id).or_else(|| when_lost(work, record.root));
    if lost.is_none_or(|lost| lost <= op.seen) {
        return (Outcome::rejected(Code::Forbidden), None);
    }
    if on(Bug::RightsAtSeen) {
        return change(work, op, entity, record);
    }
    let to = work
        .record(record.root)
        .and_then(|root| root.id_in("owner"));
    let own_fact = record
        .versions()
        .all(|version| version.writer == work.incarnation);
    if own_fact && matches!(op.kind, Kind::Create | Kind::Update) {
        let (outcome, seq) = update(work, op, entity, record);
        return match outcome {
            Outcome::Applied | Outcome::Merged { .. } => {
                (Outcome::HandedOver { to, card: None }, seq)
            }
            refused => (refused, None),
        };
    }
    if let Some(refused) = rules::check(entity, &op.patch) {
        return (refused, None);
    }
    propose(work, op, &record, &record, to)
}

/// Puts the op's changes on cards for whoever has `about` now.
fn propose(
    work: &mut Work<'_>,
    op: &Op,
    changed: &Record,
    about: &Record,
    to: Option<Uuid>,
) -> Decided {
    let mut first = None;
    if !on(Bug::DropHandover) {
        for (key, (old, new)) in &op.patch {
            if changed.value(key) == new && key != DELETED {
                continue;
            }
            let card = Card::new("proposed", changed, key)
                .base(old.clone())
                .yours(new.clone())
                .theirs(changed.value(key).clone());
            let made = cards::add(work, op, about, card);
            first = first.or(made);
        }
        let seq = work.next_seq();
        let lost = op.patch.keys().cloned().collect();
        note(work, op, about, seq, &op.patch, lost);
        work.note_moved(about.id, seq);
    }
    (Outcome::HandedOver { to, card: first }, None)
}

/// An op on a record that was merged into another (§4.6).
fn redirected(work: &mut Work<'_>, op: &Op, record: &Record, survivor: &Record) -> Decided {
    match op.kind {
        Kind::Update | Kind::Create => {
            let seen = work.may(
                Act::See,
                work.entity(&op.entity).expect("asked before"),
                survivor,
            );
            let lost = when_lost(work, record.id).is_some_and(|lost| lost > op.seen);
            if !seen && !lost {
                return (Outcome::rejected(Code::Forbidden), None);
            }
            let to = survivor.id_in("owner");
            propose(work, op, record, survivor, to)
        }
        Kind::Delete => (Outcome::Applied, None),
        _ => (Outcome::rejected(Code::Moved), None),
    }
}

/// Keeps what an op did in the history.
pub(super) fn note(
    work: &mut Work<'_>,
    op: &Op,
    record: &Record,
    seq: Seq,
    patch: &BTreeMap<String, (Json, Json)>,
    lost: Vec<String>,
) {
    work.layer.history.push(HistoryEntry {
        seq,
        op_id: op.op_id,
        tx: op.tx,
        entity: record.entity.clone(),
        record: record.id,
        root: record.root,
        kind: op.kind,
        patch: patch.clone(),
        lost,
        hlc: op.hlc,
        author: Some(work.context.actor.user),
        writer: work.incarnation,
        origin: op.origin.clone(),
    });
}

/// The id that a patch sets a field to.
pub(super) fn new_id(op: &Op, key: &str) -> Option<Uuid> {
    op.patch.get(key).and_then(|(_, new)| id_of(new))
}
