//! What of a row that was vouched for is taken over what stands (docs/sync-protocol.md §7.7).

use std::collections::{BTreeMap, BTreeSet};

use ketu_model::EntityDef;
use ketu_model::clock::Hlc;
use ketu_model::field::{FieldType, MergeClass};
use serde_json::Value as Json;
use uuid::Uuid;

use super::vouch::{entry_id, root_key, root_of};
use super::work::{SERVER, Work};
use super::{expand, rules};
use crate::merge;
use crate::message::{HistoryEntry, Kind, life};
use crate::planted::{Bug, on};
use crate::record::{
    DELETED, FORMER_NUMBERS, MERGED_INTO, Record, Row, Seq, Touch, Version, canonical, id_json,
};

/// What a row changes: old and new value by field, and the fields in which what stands was set since the restore.
#[derive(Default)]
struct Changes {
    patch: BTreeMap<String, (Json, Json)>,
    lost: Vec<String>,
}

/// Takes a row in, as far as it is news.
pub(super) fn take(work: &mut Work<'_>, row: &Row, entity: &EntityDef) {
    let before = work.record(row.id).cloned();
    match before {
        None => create(work, row, entity),
        Some(before) if before.entity != row.entity => {}
        Some(before) if before.unplaced.contains(&row.rev) => place(work, row, entity, &before),
        Some(before) if !is_past(&before, row.rev) => update(work, row, entity, &before),
        Some(_) => {}
    }
}

/// Whether the record was further than this in that life of the server.
fn is_past(record: &Record, rev: Seq) -> bool {
    let versions = record.versions().map(|version| version.rev);
    let touches = record.last_other.iter().chain([&record.last]);
    let revs = versions.chain(touches.map(|touch| touch.rev));
    let mut known = revs.chain(record.vouched.iter().copied());
    known.any(|known| life(known) == life(rev) && known >= rev)
}

/// Keeps in mind that the row was taken, and whether with its place.
fn remember(record: &mut Record, rev: Seq, placed: bool) {
    record.vouched.retain(|known| life(*known) != life(rev));
    record.unplaced.retain(|known| life(*known) != life(rev));
    record.vouched.push(rev);
    if !placed {
        record.unplaced.push(rev);
    }
}

/// The version that the row gives to what is taken of it.
fn version(work: &Work<'_>, row: &Row, seq: Seq) -> Version {
    Version {
        rev: seq,
        hlc: work.clamp(Hlc::from_millis(row.updated_at)),
        author: row.updated_by,
        writer: SERVER,
        op: Uuid::nil(),
        base: 0,
        was: vec![row.rev],
    }
}

/// The version of what is the row's only in part: nobody of its life knew the rest.
fn elsewhere(version: &Version) -> Version {
    Version {
        was: Vec::new(),
        ..version.clone()
    }
}

fn create(work: &mut Work<'_>, row: &Row, entity: &EntityDef) {
    let Some(root) = root_of(work, row) else {
        return;
    };
    let seq = work.next_seq();
    let version = version(work, row, seq);
    let mut record = Record {
        entity: row.entity.clone(),
        id: row.id,
        root,
        rev: seq,
        created_at: row.created_at,
        created_by: row.created_by,
        updated_at: row.updated_at,
        updated_by: row.updated_by,
        deleted: row.deleted,
        fields: row.fields.clone(),
        last: Touch::from(&version),
        last_other: None,
        version: version.clone(),
        overrides: BTreeMap::new(),
        vouched: vec![row.rev],
        unplaced: Vec::new(),
    };
    if let Some(key) = root_key(entity).filter(|_| root != row.root) {
        let version = elsewhere(&version);
        record.set(key, id_json(root), version);
    }
    rules::claim(work, None, entity, None, &mut record, &version);
    let patch = row.fields.iter();
    let patch = patch.map(|(key, value)| (key.clone(), (Json::Null, value.clone())));
    let changes = Changes {
        patch: patch.collect(),
        lost: Vec::new(),
    };
    work.put(record);
    note(work, row, Kind::Create, seq, &version, changes);
    expand::reshare(work, root);
}

fn update(work: &mut Work<'_>, row: &Row, entity: &EntityDef, before: &Record) {
    let mut record = before.clone();
    let seq = work.next_seq();
    let version = version(work, row, seq);
    let mut changes = Changes::default();
    delete_or_restore(work, row, &mut record, &version, &mut changes);
    let keys: BTreeSet<&String> = before.fields.keys().chain(row.fields.keys()).collect();
    for key in keys {
        take_field(
            work,
            row,
            entity,
            key,
            (before, &mut record),
            &version,
            &mut changes,
        );
    }
    let taken = changes.patch.len() > changes.lost.len();
    let placed = root_of(work, row).is_some();
    remember(&mut record, row.rev, placed);
    if changes.patch.is_empty() {
        work.drop_op();
        work.put(record);
        return;
    }
    if taken {
        // An edit brings back what was deleted without knowledge of it.
        let merged = record.fields.contains_key(MERGED_INTO);
        if record.deleted.is_some() && row.deleted.is_none() && !merged {
            record.set_deleted(None, version.clone());
        }
        if row.updated_at > record.updated_at {
            record.updated_at = row.updated_at;
            record.updated_by = row.updated_by;
        }
        rules::claim(work, None, entity, Some(before), &mut record, &version);
        // A merged field is known less than the row is.
        record.touch(&version);
    }
    let root = record.root;
    let survivor = record
        .id_in(MERGED_INTO)
        .filter(|_| before.id_in(MERGED_INTO).is_none());
    let given_away = root == record.id && record.value("owner") != before.value("owner");
    work.put(record);
    if !taken {
        work.note_moved(row.id, seq);
    }
    note(work, row, Kind::Update, seq, &version, changes);
    if given_away {
        for id in work.below(root) {
            work.note_moved(id, seq);
        }
    }
    let survivor = survivor.and_then(|id| work.record(id));
    let survivor = survivor.filter(|survivor| survivor.root == survivor.id);
    if let Some(survivor) = survivor.map(|survivor| survivor.id) {
        for id in work.below(row.id).into_iter().filter(|id| *id != row.id) {
            expand::hang_below(work, id, survivor, &version);
        }
        expand::reshare(work, survivor);
    }
    for root in BTreeSet::from([before.root, root]) {
        expand::reshare(work, root);
    }
}

/// Takes the place of a row that was taken without it, if its root is there now; all else of it was taken before.
fn place(work: &mut Work<'_>, row: &Row, entity: &EntityDef, before: &Record) {
    let Some(key) = root_key(entity).filter(|_| root_of(work, row).is_some()) else {
        return;
    };
    let mut record = before.clone();
    remember(&mut record, row.rev, true);
    let seq = work.next_seq();
    let version = version(work, row, seq);
    let mut changes = Changes::default();
    let records = (before, &mut record);
    take_field(work, row, entity, key, records, &version, &mut changes);
    // That it was moved since is in the history already.
    if changes.patch.len() == changes.lost.len() {
        work.drop_op();
        work.put(record);
        return;
    }
    let root = record.root;
    work.put(record);
    note(work, row, Kind::Transfer, seq, &version, changes);
    for root in BTreeSet::from([before.root, root]) {
        expand::reshare(work, root);
    }
}

/// Whether a row knew what stands in a field. Every row knew what its record was made with, also where that was sent again
/// without its place; and what the server alone wrote on a card is nobody's change of it.
fn is_known(record: &Record, key: &str, row: &Row) -> bool {
    let version = record.version_of(key);
    let card = row.entity == "conflict" && version.writer == SERVER;
    card || record.is_made_with(key)
        || Work::is_known(version.rev, &version.was, row.rev)
        || on(Bug::VouchOverwrites)
}

fn take_field(
    work: &Work<'_>,
    row: &Row,
    entity: &EntityDef,
    key: &str,
    (before, record): (&Record, &mut Record),
    given: &Version,
    changes: &mut Changes,
) {
    let (current, told) = (before.value(key), row.value(key));
    if current == told {
        return;
    }
    let standing = before.version_of(key);
    let mut version = Version {
        hlc: given.hlc.max(Hlc(standing.hlc.0 + 1)),
        ..given.clone()
    };
    let known = is_known(before, key, row);
    let def = entity.field(key);
    let class = def.map_or(MergeClass::Scalar, |field| field.merge);
    let value = match (key, class) {
        (FORMER_NUMBERS, _) => Some(words(current, told)),
        // It stands and falls with the deletion.
        (MERGED_INTO, _) => {
            let fits = record.deleted.is_some() == row.deleted.is_some();
            (known && fits).then(|| told.clone())
        }
        (_, MergeClass::Set | MergeClass::Text) if !known => {
            version = elsewhere(&version);
            Some(both(class, current, told))
        }
        _ if !known => None,
        _ if root_key(entity) == Some(key) => {
            let root = root_of(work, row);
            record.root = root.unwrap_or(record.root);
            if root.is_some_and(|root| root != row.root) {
                version = elsewhere(&version);
            }
            let id = root.filter(|root| *root != row.id);
            root.map(|_| id.map_or(Json::Null, id_json))
        }
        _ if def.is_some_and(|field| field.unique && is_number(&field.kind)) => {
            let held = told.as_str().is_none_or(|told| {
                let unique = rules::unique(entity, key, told);
                !work.holders(&unique, row.id).is_empty()
            });
            (!held).then(|| told.clone())
        }
        _ => Some(told.clone()),
    };
    match value {
        Some(value) if value == *current => {}
        Some(value) => {
            changes
                .patch
                .insert(key.to_owned(), (current.clone(), value.clone()));
            record.set(key, value, version);
        }
        None => {
            changes
                .patch
                .insert(key.to_owned(), (current.clone(), told.clone()));
            changes.lost.push(key.to_owned());
        }
    }
}

fn is_number(kind: &FieldType) -> bool {
    matches!(kind, FieldType::AutoNumber { .. })
}

/// Two values that did not know each other, with nothing of either gone.
fn both(class: MergeClass, one: &Json, other: &Json) -> Json {
    if class == MergeClass::Set {
        return merge::set(one, &Json::Null, other);
    }
    let lines = |text: &Json| -> Vec<String> {
        let text = text.as_str().unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    };
    let there = lines(other);
    let mut common = lines(one);
    common.retain(|line| there.contains(line));
    let common = canonical(Json::String(common.join("\n")));
    merge::text(one, &common, other)
}

/// The words of two lists of numbers, each once.
fn words(one: &Json, other: &Json) -> Json {
    let lists = [one, other].into_iter().filter_map(Json::as_str);
    let mut words: Vec<&str> = Vec::new();
    for word in lists.flat_map(str::split_whitespace) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    Json::String(words.join(" "))
}

fn delete_or_restore(
    work: &Work<'_>,
    row: &Row,
    record: &mut Record,
    version: &Version,
    changes: &mut Changes,
) {
    let known = is_known(record, DELETED, row);
    if record.deleted.is_some() == row.deleted.is_some() {
        // Deleted in both lives: what the row has in it was deleted knowingly.
        if record.deleted.is_some() && !known {
            let mut both = record.version_of(DELETED).clone();
            both.was.push(row.rev);
            record.overrides.insert(DELETED.to_owned(), both);
        }
        return;
    }
    // A merge goes on with what was changed since.
    let merged = row.fields.contains_key(MERGED_INTO);
    let kept = row.deleted.is_some() && !merged && is_changed_since(work, record, row.rev);
    let taken = known && !kept;
    let change = (
        serde_json::json!(record.deleted),
        serde_json::json!(row.deleted),
    );
    changes.patch.insert(DELETED.to_owned(), change);
    if taken {
        record.set_deleted(row.deleted, version.clone());
    } else {
        changes.lost.push(DELETED.to_owned());
    }
}

/// Whether somebody changed the record, or anything below it, in a life that the row is not of.
fn is_changed_since(work: &Work<'_>, record: &Record, rev: Seq) -> bool {
    let since = |at: Seq, was: &[Seq]| {
        let stood = was.iter().any(|was| life(*was) == life(rev));
        !stood && !Work::is_known(at, was, rev)
    };
    let touched = |record: &Record| {
        let mut touches = record.last_other.iter().chain([&record.last]);
        touches.any(|touch| since(touch.rev, &touch.was))
            || record
                .versions()
                .any(|version| since(version.rev, &version.was))
    };
    if touched(record) {
        return true;
    }
    let below = if record.root == record.id {
        work.below(record.id)
    } else {
        BTreeSet::new()
    };
    let mut below = below.iter().filter_map(|id| work.record(*id));
    below.any(|child| child.entity != "conflict" && touched(child))
}

/// Keeps in the history what came back.
fn note(work: &mut Work<'_>, row: &Row, kind: Kind, seq: Seq, version: &Version, changes: Changes) {
    let id = entry_id(row, kind);
    let Some(record) = work.record(row.id) else {
        return;
    };
    let entry = HistoryEntry {
        seq,
        op_id: id,
        tx: id,
        entity: row.entity.clone(),
        record: row.id,
        root: record.root,
        kind,
        patch: changes.patch,
        lost: changes.lost,
        hlc: version.hlc,
        author: row.updated_by,
        writer: SERVER,
        origin: "vouched".to_owned(),
    };
    work.layer.history.push(entry);
}
