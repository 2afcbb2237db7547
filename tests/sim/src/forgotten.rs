//! What a restored server forgot and laptops still hold comes back (docs/sync-protocol.md §7.7), worked out apart from the
//! engine: from the rows that were sent, and from who held which when the server went back.

use std::collections::{BTreeMap, BTreeSet};

use ketu_model::clock::Hlc;
use ketu_sync::message::{Answer, Code, Kind, Op, Outcome, Pulled, Pushed, Vouch, life};
use ketu_sync::record::{
    DELETED, FORMER_NUMBERS, MERGED_INTO, Record, Row, Seq, Touch, Version, canonical,
};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::laptop::Laptop;
use crate::oracle::{Cell, Fault, LINES, Oracle, TRACKED, parts};
use crate::server::Server;

/// Whether whoever had read up to a seq of one life knew what stands at this rev.
fn known(rev: Seq, was: &[Seq], upto: Seq) -> bool {
    rev <= upto
        || was
            .iter()
            .any(|was| life(*was) == life(upto) && *was <= upto)
}

/// Whether what a row hangs below is there.
fn is_rooted(server: &Server, row: &Row) -> bool {
    let root = server.records.get(&row.root);
    let survivor = root.and_then(|root| server.records.get(&root.id_in(MERGED_INTO)?));
    row.root == row.id || survivor.or(root).is_some_and(|root| root.root == root.id)
}

/// Whether a record hangs below another one now, and nothing else of it changed.
fn is_moved(was: Row, mut is: Row) -> bool {
    is.set("customer", was.value("customer").clone());
    (is.rev, is.root) = (was.rev, was.root);
    is == was
}

/// Whether what a record hung below was merged meanwhile into what it hangs below now.
fn went_along(before: &Server, after: &Server, was: &Record, is: &Record) -> bool {
    let survivor = |server: &Server| server.records.get(&was.root)?.id_in(MERGED_INTO);
    survivor(before).is_none() && survivor(after) == Some(is.root)
}

/// Whether an op that a row has in it was answered so; else it is looked at as any other.
pub fn is_told_as_such(after: &Server, op: &Op, answer: &Answer) -> Result<bool, Fault> {
    let moves = matches!(op.kind, Kind::Merge | Kind::Split);
    match &answer.outcome {
        Outcome::Applied if answer.changed => {
            let mut history = after.history.iter().rev();
            if history.any(|entry| entry.op_id == op.op_id) {
                Ok(true)
            } else {
                Err(format!("{} came back, but not to the history", op.op_id))
            }
        }
        Outcome::Deferred { .. } => Ok(false),
        Outcome::Rejected { code, .. } if *code == Code::WithOthers => Ok(false),
        _ if moves => Ok(false),
        other => Err(format!("{op:?} is in a row, but was {other:?}")),
    }
}

impl Oracle {
    /// Whether a row that was taken has the op in it.
    pub(crate) fn is_told(&self, op: &Op) -> bool {
        self.is_in_a_row_of(op.record, op)
    }

    fn is_in_a_row_of(&self, record: Uuid, op: &Op) -> bool {
        let rows = self.vouched.get(&record).into_iter().flatten();
        // What a row that was taken but for its place says nothing of.
        let moves = op.kind == Kind::Transfer && op.patch.contains_key("customer");
        let rows = rows.filter(|row| !moves || !self.unplaced.contains(&(record, **row)));
        let mut rows = rows.flat_map(|row| op.was.iter().map(move |was| (*row, *was)));
        rows.any(|(row, was)| life(row) == life(was) && was <= row)
    }

    /// Whether a row of the record that a merge took, or that a split brought back, was taken and has that in it.
    pub(crate) fn is_told_by_gone(&self, op: &Op) -> bool {
        let gone = match op.kind {
            Kind::Merge => op.other,
            Kind::Split => op.other.and_then(|merge| self.gone.get(&merge).copied()),
            _ => None,
        };
        gone.is_some_and(|gone| self.is_in_a_row_of(gone, op))
    }

    /// What a row that is news makes of what stands.
    fn take_row(&mut self, row: &Row, record: &Record, is_new: bool) {
        for field in TRACKED {
            let key = (row.id, (*field).to_owned());
            let value = canonical(row.value(field).clone());
            let cell = self.cells.get(&key);
            let differs = cell.map_or(&Json::Null, |cell| &cell.value) != &value;
            if is_new || differs && cell.is_none_or(|cell| known(cell.rev, &cell.was, row.rev)) {
                let replaced = cell.filter(|_| !is_new);
                let after = replaced.map_or(Hlc(0), |cell| Hlc(cell.hlc.0 + 1));
                let cell = Cell {
                    value,
                    rev: record.rev,
                    hlc: after.max(Hlc::from_millis(row.updated_at)),
                    writer: Uuid::nil(),
                    was: vec![row.rev],
                };
                self.cells.insert(key, cell);
            }
        }
        for field in LINES.iter().chain(&["tags"]) {
            let told = parts(row.value(field));
            let lines = self.lines.entry((row.id, (*field).to_owned())).or_default();
            let all_known = lines.by.iter().all(|(rev, was)| known(*rev, was, row.rev));
            if lines.parts == told && !is_new {
                continue;
            }
            if all_known || is_new {
                lines.parts = told;
                lines.by = vec![(record.rev, vec![row.rev])];
            } else if !told.is_subset(&lines.parts) {
                lines.parts.extend(told);
                lines.by.push((record.rev, Vec::new()));
            }
        }
        if record.fields.contains_key(MERGED_INTO) {
            self.merged.insert(row.id);
        }
        let rows = self.vouched.entry(row.id).or_default();
        rows.retain(|rev| life(*rev) != life(row.rev));
        rows.push(row.rev);
    }
}

/// What the run knows of rows, whatever the server forgets.
#[derive(Debug, Default)]
pub struct Memory {
    /// Every row that was ever sent, by record and rev.
    sent: BTreeMap<(Uuid, Seq), Row>,
    /// Rows that the server forgot and a laptop held when it did.
    held: Vec<(usize, Uuid, Seq)>,
    /// Rows that nobody could take: what they hang below was not there.
    rootless: BTreeSet<(Uuid, Seq)>,
    /// Deletions that something below did not let return: somebody put it there since, or changed it.
    outlived: BTreeSet<(Uuid, Seq)>,
}

impl Memory {
    pub fn sent(&mut self, pulled: &Pulled) {
        let rows = pulled.rows.iter().cloned();
        self.sent.extend(rows.map(|row| ((row.id, row.rev), row)));
    }

    /// Rows that a laptop may take out of its own copy.
    pub fn stood(&mut self, server: &Server, pushed: &Pushed) {
        for (id, stand) in pushed.stands.iter().flat_map(|stands| &stands.rows) {
            if let Some(record) = server.records.get(id).filter(|r| r.rev == stand.rev) {
                self.sent.insert((*id, stand.rev), record.row());
            }
        }
    }

    /// The server went back: what laptops hold of what it forgot has to return.
    pub fn restored(&mut self, server: &Server, laptops: &[Laptop]) {
        self.held.clear();
        for (at, laptop) in laptops.iter().enumerate() {
            let epoch = laptop.file.state.epoch;
            let mut lives = server.epochs.iter().map(|(epoch, _)| *epoch);
            let Some(last) = lives.position(|known| known == epoch) else {
                continue;
            };
            let floors = server.epochs[last + 1..].iter().map(|(_, floor)| *floor);
            let floor = floors.min().unwrap_or(Seq::MAX);
            for (id, local) in &laptop.file.records {
                let (Some(confirmed), Some(base)) = (local.confirmed, &local.base) else {
                    continue;
                };
                if base.rev > floor || confirmed.rev == 0 {
                    self.held.push((at, *id, base.rev));
                }
            }
        }
    }

    /// A laptop's file was replaced by an older one, which may not have them.
    pub fn replaced(&mut self, at: usize) {
        self.held.retain(|(laptop, ..)| *laptop != at);
    }

    /// A laptop said rows back to the server.
    pub fn vouched(
        &mut self,
        oracle: &mut Oracle,
        before: &Server,
        after: &Server,
        vouch: &Vouch,
    ) -> Result<(), Fault> {
        for row in vouch.rows.iter().map(|vouched| &vouched.row) {
            if self.sent.get(&(row.id, row.rev)) != Some(row) {
                return Err(format!("nobody ever sent {row:?}"));
            }
            if after.catalog.entity(&row.entity).is_none() {
                self.rootless.insert((row.id, row.rev));
                continue;
            }
            let Some(record) = after.records.get(&row.id) else {
                if is_rooted(after, row) {
                    return Err(format!(
                        "{row:?} was not taken below {:?} {:?}",
                        before.records.get(&row.root),
                        after.records.get(&row.root)
                    ));
                }
                self.rootless.insert((row.id, row.rev));
                continue;
            };
            let deletes = row.deleted.is_some() && record.deleted.is_none();
            if deletes && (is_changed_below(before, row) || is_changed_below(after, row)) {
                self.outlived.insert((row.id, row.rev));
            }
            let mut taken = oracle.vouched.get(&row.id).into_iter().flatten();
            let is_news = !taken.any(|rev| life(*rev) == life(row.rev) && *rev >= row.rev);
            let was = before.records.get(&row.id);
            if is_news {
                oracle.take_row(row, record, was.is_none());
                if !is_rooted(after, row) {
                    oracle.unplaced.insert((row.id, row.rev));
                }
                continue;
            }
            let unplaced = is_rooted(after, row) && oracle.unplaced.remove(&(row.id, row.rev));
            let moves = |was: &Record| unplaced || went_along(before, after, was, record);
            let moved = |was: &Record| moves(was) && is_moved(was.row(), record.row());
            if was.is_some_and(|was| was.row() != record.row() && !moved(was)) {
                return Err(format!("{} was taken again at {}", row.id, row.rev));
            }
        }
        for row in vouch.rows.iter().map(|vouched| &vouched.row) {
            if after.records.contains_key(&row.id) {
                oracle.compare(after, row.id)?;
            }
        }
        Ok(())
    }

    /// Nothing is lost of the rows that were held when the server forgot them.
    pub fn at_the_end(&self, oracle: &Oracle, server: &Server) -> Result<(), Fault> {
        for (at, id, rev) in &self.held {
            // A later row of that life, from somebody else, knew this one.
            let later = oracle.vouched.get(id).into_iter().flatten();
            let later = later.filter(|later| life(**later) == life(*rev));
            let rev = later.max().max(Some(rev)).unwrap_or(rev);
            let Some(row) = self.sent.get(&(*id, *rev)) else {
                return Err(format!("{at} holds {id} at {rev}, which nobody sent"));
            };
            if self.rootless.contains(&(*id, *rev)) {
                continue;
            }
            let Some(record) = server.records.get(id) else {
                return Err(format!("{row:?} of {at} never came back"));
            };
            let outlived = self.outlived.contains(&(*id, *rev));
            is_there(oracle, server, row, record, outlived)
                .map_err(|lost| format!("{lost} of {row:?}, held by {at}, is lost: {record:?}"))?;
        }
        Ok(())
    }
}

/// Whether anybody changed a record that whoever had read up to a seq of one life did not know of.
fn is_changed_since(record: &Record, upto: Seq) -> bool {
    let touched = |touch: &Touch| !known(touch.rev, &touch.was, upto);
    let mut touches = record.last_other.iter().chain([&record.last]);
    let mut versions = record.versions();
    touches.any(touched) || versions.any(|version| !known(version.rev, &version.was, upto))
}

/// Whether anything below a row's record was.
fn is_changed_below(server: &Server, row: &Row) -> bool {
    let mut below = server.records.values();
    below.any(|child| {
        let is_below = child.root == row.id && child.id != row.id && child.entity != "conflict";
        is_below && is_changed_since(child, row.rev)
    })
}

/// Whether each field is as the row had it, or was set since by somebody who is not in the row; else which one.
fn is_there(
    oracle: &Oracle,
    server: &Server,
    row: &Row,
    record: &Record,
    outlived: bool,
) -> Result<(), String> {
    let by_row = |version: &Version| known(version.rev, &version.was, row.rev);
    // Every row knew what its record was made with.
    let made = |key: &str| !record.overrides.contains_key(key) && !record.version.op.is_nil();
    let keys: BTreeSet<&String> = row.fields.keys().chain(record.fields.keys()).collect();
    for key in keys {
        // A number may have gone to another record since.
        let aside = ["number", FORMER_NUMBERS, MERGED_INTO].contains(&key.as_str());
        let merged = oracle.merged.contains(&row.root);
        let rootless = key == "customer" && (merged || !is_rooted(server, row));
        if aside || rootless || row.value(key) == record.value(key) {
            continue;
        }
        let cell = oracle.cells.get(&(row.id, key.clone()));
        let replaced = cell.is_some_and(|cell| known(cell.rev, &cell.was, row.rev));
        if replaced || made(key) || by_row(record.version_of(key)) {
            return Err(key.clone());
        }
    }
    let changed = outlived || is_changed_since(record, row.rev);
    let below = |other: &&Record| other.root == record.id && other.id != record.id;
    let alone = !server.records.values().any(|other| below(&other));
    let same = row.deleted.is_some() == record.deleted.is_some();
    let deletion = by_row(record.version_of(DELETED));
    if !same && deletion && (row.deleted.is_none() || !changed && alone) {
        return Err(DELETED.to_owned());
    }
    Ok(())
}
