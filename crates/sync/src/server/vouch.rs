//! Rows that a restored server said before and forgot, brought back by whoever holds them (docs/sync-protocol.md §7.7).
//! Each comes with the proof that it is the server's own word, so that no right is asked.

use std::collections::{BTreeMap, BTreeSet};

use ketu_model::EntityDef;
use ketu_model::entity::Root;
use ketu_model::field::MergeClass;
use ketu_model::ids::NAMESPACE;
use uuid::Uuid;

use super::taken::take;
use super::work::{SERVER, Work};
use super::{Ask, Context, Loaded, Writes, expand, rules, scopes};
use crate::message::{
    Kind, MAX_BYTES, MAX_OPS, Op, Outcome, Reply, Stand, Sum, Vouch, Vouched, life,
};
use crate::record::{DELETED, MERGED_INTO, Record, Row, Seq, Version, canonical};

use super::decide::{Decided, note, revive};

/// The proof that the server said a row: the first 16 bytes of BLAKE3 over the row's sum, under the organisation's key.
pub fn proof(key: &[u8; 32], row: &Row) -> Sum {
    proof_of(key, Sum(row.sum()))
}

fn proof_of(key: &[u8; 32], sum: Sum) -> Sum {
    let hash = blake3::keyed_hash(key, &sum.0.to_be_bytes());
    let mut first = [0; 16];
    first.copy_from_slice(&hash.as_bytes()[..16]);
    Sum(u128::from_be_bytes(first))
}

/// What identifies a record's row, given the row's sum, with its proof.
pub(super) fn stand(key: &[u8; 32], record: &Record, sum: Sum) -> Stand {
    Stand {
        rev: record.rev,
        sum,
        proof: proof_of(key, sum),
    }
}

/// The proofs of rows that are sent.
pub(super) fn proofs(key: &[u8; 32], rows: &[Row]) -> BTreeMap<Uuid, Sum> {
    rows.iter().map(|row| (row.id, proof(key, row))).collect()
}

/// Whether a laptop says more at once than it may.
pub(super) fn is_too_large(vouch: &Vouch) -> bool {
    let bytes: usize = vouch.rows.iter().map(Vouched::size).sum();
    vouch.rows.len() > MAX_OPS || vouch.rows.len() > 1 && bytes > MAX_BYTES
}

/// What of a request the server said itself in a life that ended, of kinds that it knows; roots first. Users are not what
/// a laptop brings.
fn own_words<'a>(vouch: &'a Vouch, context: &'a Context) -> Vec<(&'a Row, &'a EntityDef)> {
    let own = vouch.rows.iter().filter_map(|vouched| {
        let row = &vouched.row;
        let entity = context.catalog.entity(&row.entity)?;
        let ended = life(row.rev) < life(context.head);
        let said = ended && row.entity != "user" && proof(&context.proof_key, row) == vouched.proof;
        said.then_some((row, entity))
    });
    let mut own: Vec<_> = own.collect();
    own.sort_by_key(|(row, _)| (row.root != row.id, row.fields.contains_key(MERGED_INTO)));
    own
}

pub(super) fn ask(vouch: &Vouch, loaded: &Loaded, context: &Context) -> Ask {
    let mut ask = Ask::default();
    for (row, entity) in own_words(vouch, context) {
        ask_for(row, entity, loaded, context, &mut ask);
    }
    ask
}

fn ask_for(row: &Row, entity: &EntityDef, loaded: &Loaded, context: &Context, ask: &mut Ask) {
    let mut wanted = vec![row.id, row.root];
    wanted.extend(row.id_in(MERGED_INTO));
    let mut roots = BTreeSet::from([row.root]);
    let mut seen = BTreeSet::new();
    while let Some(id) = wanted.pop() {
        match loaded.records.get(&id) {
            _ if !seen.insert(id) => {}
            None => drop(ask.records.insert(id)),
            Some(Some(record)) => {
                roots.insert(record.root);
                wanted.push(record.root);
                wanted.extend(record.id_in(MERGED_INTO));
            }
            Some(None) => {}
        }
    }
    let unread = roots
        .iter()
        .filter(|root| !loaded.shares.contains_key(root));
    ask.shares.extend(unread);
    let told = |field: &str| row.fields.get(field);
    rules::ask_unique(entity, told, loaded, context.now, ask);
    let Some(record) = loaded.records.get(&row.id) else {
        return;
    };
    if let Some(record) = record {
        let stands = |field: &str| record.fields.get(field);
        rules::ask_unique(entity, stands, loaded, context.now, ask);
    }
    let moves = record.as_ref().is_none_or(|record| {
        record.root != row.root
            || record.value("owner") != row.value("owner")
            || record.deleted.is_some() != row.deleted.is_some()
    });
    if moves && (row.root == row.id || entity.key == "opportunity") {
        for root in &roots {
            match loaded.below.get(root) {
                None => drop(ask.below.insert(*root)),
                Some(ids) => {
                    let missing = ids.iter().filter(|id| !loaded.records.contains_key(id));
                    ask.records.extend(missing);
                }
            }
        }
    }
}

pub(super) fn answer(vouch: &Vouch, loaded: Loaded, context: &Context) -> (Writes, Reply) {
    let mut work = Work::new(context, loaded, SERVER);
    for (row, entity) in own_words(vouch, context) {
        take(&mut work, row, entity);
        work.keep_op();
    }
    work.keep_group();
    let mut writes = Writes {
        head: work.head(),
        ..Writes::default()
    };
    scopes::finish(&work, &mut writes);
    writes.keep(work.kept);
    (writes, Reply::Vouched { now: context.now })
}

/// The root that a row hangs below now, if that is there.
pub(super) fn root_of(work: &Work<'_>, row: &Row) -> Option<Uuid> {
    if row.root == row.id {
        return Some(row.id);
    }
    let mut above = work.record(row.root)?;
    if let Some(survivor) = above.id_in(MERGED_INTO) {
        above = work.record(survivor).unwrap_or(above);
    }
    (above.root == above.id).then_some(above.id)
}

/// The field that names what a record hangs below.
pub(super) fn root_key(entity: &EntityDef) -> Option<&str> {
    match &entity.root {
        Root::Own => None,
        Root::Of(key) => Some(key),
    }
}

/// The id under which the history has what was taken of a row; its place may come later than the rest.
pub(super) fn entry_id(row: &Row, kind: Kind) -> Uuid {
    let later = if kind == Kind::Transfer { "/place" } else { "" };
    let name = format!("vouched/{}/{}{later}", row.id, row.rev);
    Uuid::new_v5(&NAMESPACE, name.as_bytes())
}

/// The place that an op had in a life that ended, if a row of that life was taken since that has the op in it.
pub(super) fn place_of(op: &Op, record: &Record) -> Option<Seq> {
    place_in(op, record, |_| true)
}

/// As `place_of`, of what says where the record hangs: a row that was taken but for its place says nothing of that.
fn move_of(op: &Op, record: &Record) -> Option<Seq> {
    place_in(op, record, |row| !record.unplaced.contains(row))
}

fn place_in(op: &Op, record: &Record, counts: impl Fn(&Seq) -> bool) -> Option<Seq> {
    let within = |was: &Seq| {
        let mut rows = record.vouched.iter().filter(|row| counts(row));
        rows.any(|row| life(*row) == life(*was) && *was <= *row)
    };
    op.was.iter().copied().find(within)
}

/// As `place_of`, of all that an op did. What a merge or a split did is told by the record that went or came back; by the
/// one that stays only if that fits.
pub(super) fn place_told(work: &Work<'_>, op: &Op, record: &Record) -> Option<Seq> {
    let place = place_of(op, record);
    let gone = match op.kind {
        Kind::Merge => op.other,
        Kind::Split => op.other.and_then(|merge| {
            let moved = work.merged_by(merge);
            moved.and_then(|moved| moved.first().copied())
        }),
        Kind::Transfer if moves_below(work, op) => return move_of(op, record),
        _ => return place,
    };
    let Some(gone) = gone.and_then(|gone| work.record(gone)) else {
        return place;
    };
    let is_merged = gone.id_in(MERGED_INTO).is_some();
    let fits = is_merged == (op.kind == Kind::Merge);
    place_of(op, gone).or(place.filter(|_| fits))
}

/// Whether an op moves its record below another one.
fn moves_below(work: &Work<'_>, op: &Op) -> bool {
    let entity = work.entity(&op.entity);
    let key = entity.and_then(root_key);
    key.is_some_and(|key| op.patch.contains_key(key))
}

/// An op that is sent again and that a row has in it already: its entry in the history returns, and its name where the row
/// has its values. Nothing else changes.
pub(super) fn told_before(work: &mut Work<'_>, op: &Op, mut record: Record, place: Seq) -> Decided {
    let seq = work.next_seq();
    let version = work.version(op, seq);
    take_name(&mut record, op, &version);
    record.rev = seq;
    let entity = work.entity(&op.entity);
    let merges = |key: &str| {
        let field = entity.and_then(|entity| entity.field(key));
        field.is_some_and(|field| matches!(field.merge, MergeClass::Set | MergeClass::Text))
    };
    let replaced = op
        .patch
        .iter()
        .filter(|(key, (_, new))| match key.as_str() {
            DELETED => op.kind == Kind::Delete && record.deleted.is_none(),
            key => !merges(key) && *record.value(key) != canonical(new.clone()),
        });
    let lost = replaced.map(|(key, _)| key.clone()).collect();
    if let (Kind::Merge, Some(other), None) = (op.kind, op.other, work.merged_by(op.op_id)) {
        work.layer.merges.insert(op.op_id, vec![other]);
    }
    let (id, root, owner) = (record.id, record.root, record.id_in("owner"));
    work.put(record.clone());
    note(work, op, &record, seq, &op.patch, lost);
    match op.kind {
        Kind::Create | Kind::Update => {
            for id in BTreeSet::from([id, root]) {
                revive_unseen(work, op, id, seq);
            }
        }
        Kind::Transfer if id == root => {
            let ids = |value| crate::record::id_of(value);
            if let Some((old, _)) = op.patch.get("owner") {
                // What hangs below and came back in no row yet has not gone along.
                let is_meant = |child: &Record| {
                    let owner = child.version_of("owner");
                    place_of(op, child).is_none() && Work::is_known(owner.rev, &owner.was, place)
                };
                expand::take_along(work, id, (ids(old), owner), &version, is_meant);
                expand::reshare(work, id);
            }
        }
        Kind::Merge => {
            let gone = op.other.and_then(|other| work.record(other));
            if let Some(gone) = gone.filter(|gone| gone.id_in(MERGED_INTO) == Some(id)) {
                let gone = gone.id;
                for child in work.below(gone) {
                    let child = work.record(child).filter(|child| child.id != gone);
                    if let Some(child) = child.filter(|child| move_of(op, child).is_none()) {
                        let child = child.id;
                        expand::hang_below(work, child, id, &version);
                    }
                }
                expand::reshare(work, id);
                expand::reshare(work, gone);
            }
        }
        _ => {}
    }
    (Outcome::Applied, Some(seq))
}

/// Brings a record back, unless its deletion stood after the op.
fn revive_unseen(work: &mut Work<'_>, op: &Op, id: Uuid, seq: Seq) {
    let later = work.record(id).is_some_and(|record| {
        let mut deletion = record.version_of(DELETED).was.iter();
        deletion.any(|was| {
            let mut places = op.was.iter();
            places.any(|place| life(*was) == life(*place) && was >= place)
        })
    });
    if !later {
        revive(work, op, id, seq);
    }
}

/// Names the op where a row brought back what it set, instead of the server that took the row.
fn take_name(record: &mut Record, op: &Op, given: &Version) {
    let named = |version: &Version| Version {
        rev: version.rev,
        hlc: version.hlc,
        was: version.was.clone(),
        ..given.clone()
    };
    let is_nobodys = |version: &Version| version.writer == SERVER && version.op.is_nil();
    let has = |record: &Record, key: &str| match op.patch.get(key) {
        Some((_, new)) if key == DELETED => record.deleted == new.as_i64(),
        Some((_, new)) => *record.value(key) == canonical(new.clone()),
        None => false,
    };
    for key in op.patch.keys() {
        let version = record.version_of(key);
        if has(record, key) && is_nobodys(version) {
            let version = named(version);
            record.overrides.insert(key.clone(), version);
        }
    }
    let stranger = record
        .last_other
        .as_ref()
        .is_none_or(|other| other.writer != given.writer);
    let is_last =
        record.last.writer == SERVER && record.last.was.iter().any(|was| op.was.contains(was));
    if is_last && stranger {
        record.last.writer = given.writer;
    }
}
