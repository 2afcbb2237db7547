//! What must be true, worked out apart from the engine: from what people saw, what was acknowledged and who has which right.

use std::collections::{BTreeMap, BTreeSet};

use ketu_model::clock::Hlc;
use ketu_model::field::MergeClass;
use ketu_sync::client::OpState;
use ketu_sync::message::{Answer, Kind, Op, Outcome, Pulled, Push, Pushed, life};
use ketu_sync::record::{DELETED, MERGED_INTO, Record, Row, Seq, canonical};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::forgotten::is_told_as_such;
use crate::laptop::Laptop;
use crate::rights::{is_lawful, may_have};
use crate::server::Server;
use crate::typed;

/// The value of a field that the server ought to have.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    pub value: Json,
    pub rev: Seq,
    pub hlc: Hlc,
    pub writer: Uuid,
    pub was: Vec<Seq>,
}

/// Lines or elements, and by which changes they came to be: the rev of each, and where it stood in lives that ended.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lines {
    pub parts: BTreeSet<String>,
    pub by: Vec<(Seq, Vec<Seq>)>,
}

/// What was true when an op was made, whatever the op says of itself.
#[derive(Debug, Clone)]
pub struct Truth {
    /// Values that the laptop had ever shown in each field of the patch.
    shown: BTreeMap<String, BTreeSet<String>>,
    /// Of a delete: the revs of everything as it had been pulled.
    revs: BTreeMap<Uuid, Seq>,
    checkpoint: Seq,
}

/// What laptops have shown, by record and field.
pub type Shown = BTreeMap<(Uuid, String), BTreeSet<String>>;

#[derive(Debug, Clone, Default)]
pub struct Oracle {
    pub(crate) cells: BTreeMap<(Uuid, String), Cell>,
    truths: BTreeMap<Uuid, Truth>,
    /// The record that a merge takes away, by its op, as its author made it.
    pub(crate) gone: BTreeMap<Uuid, Uuid>,
    /// Ops whose outcome is known, and what it was.
    outcomes: BTreeMap<Uuid, Outcome>,
    /// Lines of long texts and elements of sets that were added by ops that stand, and were not taken away.
    pub(crate) lines: BTreeMap<(Uuid, String), Lines>,
    /// Who changed a record, at which rev, by which incarnation.
    changes: BTreeMap<Uuid, Vec<(Seq, Uuid)>>,
    /// Cards that have to be there.
    disputes: BTreeSet<(Uuid, String, Uuid)>,
    /// Records that were ever merged into others: their ops go elsewhere.
    pub(crate) merged: BTreeSet<Uuid>,
    /// The rows that were taken from laptops after a restore.
    pub(crate) vouched: BTreeMap<Uuid, Vec<Seq>>,
    /// Those of them that were taken but for their place: what they hang below was not there.
    pub(crate) unplaced: BTreeSet<(Uuid, Seq)>,
    pub stands: usize,
    pub cards: usize,
}

/// A broken promise, in words.
pub type Fault = String;

/// Fields whose values are unlike each other in the whole run, so that a value tells who wrote it.
pub(crate) const TRACKED: &[&str] = &[
    "alias",
    "address",
    "next_step",
    "title",
    "stage",
    "amount",
    "x_modern",
];
pub(crate) const LINES: &[&str] = &["note", "summary"];

pub fn class(field: &str) -> Option<MergeClass> {
    match field {
        "stage" | "amount" => Some(MergeClass::Critical),
        "tags" => Some(MergeClass::Set),
        field if TRACKED.contains(&field) => Some(MergeClass::Scalar),
        field if LINES.contains(&field) => Some(MergeClass::Text),
        _ => None,
    }
}

/// Notes what a laptop shows of a record.
pub fn look(shown: &mut Shown, row: &Row) {
    for field in TRACKED {
        let seen = shown.entry((row.id, (*field).to_owned())).or_default();
        seen.insert(row.value(field).to_string());
    }
}

/// The lines of a text, or the elements of a set.
pub fn parts(value: &Json) -> BTreeSet<String> {
    match value {
        Json::Array(items) => items.iter().map(Json::to_string).collect(),
        text => text
            .as_str()
            .unwrap_or_default()
            .lines()
            .map(str::to_owned)
            .collect(),
    }
}

/// Whether the first of two ops that a server forgot came later in it.
fn order(one: &[Seq], other: &[Seq]) -> Option<bool> {
    for one in one {
        for other in other {
            if life(*one) == life(*other) {
                return Some(one > other);
            }
        }
    }
    Some(one.first()? > other.first()?)
}

/// An atomic transaction is taken whole or refused whole.
fn whole(before: &Server, push: &Push, pushed: &Pushed) -> Result<(), Fault> {
    let mut refused: BTreeMap<Uuid, BTreeSet<bool>> = BTreeMap::new();
    for (op, answer) in push.ops.iter().zip(&pushed.answers) {
        let no = matches!(answer.outcome, Outcome::Rejected { .. });
        // It was looked at when it was answered first. Then a part of it may have been missing: a copy of the laptop that
        // had purged that part sent the rest to a restored server.
        let told_again = before.answers.contains_key(&op.op_id);
        if op.atomic && !told_again {
            refused.entry(op.tx).or_default().insert(no);
        }
    }
    match refused.iter().find(|(_, answers)| answers.len() > 1) {
        Some((tx, _)) => Err(format!("the transaction {tx} is torn")),
        None => Ok(()),
    }
}

/// What was edited without knowledge of its deletion is back.
fn lives(before: &Server, after: &Server, op: &Op, writer: Uuid) -> Result<(), Fault> {
    if !matches!(op.kind, Kind::Create | Kind::Update) {
        return Ok(());
    }
    let record = after.records.get(&op.record);
    // Where another op of the same push moved it, that one's author knew of the new root.
    let moved = |record: &&Record| {
        let before = before.records.get(&record.id);
        before.is_some_and(|before| before.root != record.root)
    };
    let still = record.filter(|record| !moved(record));
    let root = still.and_then(|record| after.records.get(&record.root));
    for record in record
        .into_iter()
        .chain(root)
        .filter(|r| r.deleted.is_some())
    {
        let deletion = record.version_of(DELETED);
        let merged = record.id_in(MERGED_INTO).is_some();
        let known = deletion.rev <= op.seen || !deletion.was.is_empty();
        if !merged && !known && deletion.writer != writer {
            return Err(format!("{} stays deleted under an edit", record.id));
        }
    }
    Ok(())
}

impl Oracle {
    /// Somebody made an op.
    pub fn made(&mut self, laptop: &Laptop, shown: &Shown, op: &Op) {
        let fields = op.patch.keys().map(|field| {
            let seen = shown.get(&(op.record, field.clone()));
            (field.clone(), seen.cloned().unwrap_or_default())
        });
        let revs = if op.kind == Kind::Delete {
            let held = laptop.file.records.iter();
            held.filter_map(|(id, local)| Some((*id, local.base.as_ref()?.rev)))
                .collect()
        } else {
            BTreeMap::new()
        };
        let truth = Truth {
            shown: fields.collect(),
            revs,
            checkpoint: laptop.file.state.checkpoint,
        };
        self.truths.insert(op.op_id, truth);
        if let (Kind::Merge, Some(other)) = (op.kind, op.other) {
            self.gone.insert(op.op_id, other);
        }
    }

    /// A push was taken: what it says and what stands after it.
    pub fn pushed(
        &mut self,
        before: &Server,
        after: &Server,
        user: Uuid,
        push: &Push,
        pushed: &Pushed,
        now: i64,
    ) -> Result<(), Fault> {
        if pushed.answers.len() != push.ops.len() {
            return Err("an op was not answered".into());
        }
        let mut touched = BTreeSet::new();
        whole(before, push, pushed)?;
        for (op, answer) in push.ops.iter().zip(&pushed.answers) {
            if answer.op_id != op.op_id {
                return Err("answers are not in the order of their ops".into());
            }
            if let Some(known) = self.outcomes.get(&op.op_id) {
                if *known != answer.outcome {
                    return Err(format!(
                        "{} was answered {known:?}, then {:?}",
                        op.op_id, answer.outcome
                    ));
                }
                continue;
            }
            if op.kind == Kind::Merge {
                self.merged.extend(op.other);
            }
            if !matches!(answer.outcome, Outcome::Deferred { .. }) {
                self.outcomes.insert(op.op_id, answer.outcome.clone());
            }
            if self.is_told(op) && is_told_as_such(after, op, answer)? {
                self.stands += 1;
                lives(before, after, op, push.incarnation)?;
                continue;
            }
            let merged = self.merged.contains(&op.record);
            // A merge that a row of what it took away has in it was lawful when it was made.
            let again = self.is_told_by_gone(op) && is_told_as_such(after, op, answer)?;
            if !again {
                let pair = (before, after);
                is_lawful(pair, user, (push, pushed), op, &answer.outcome, merged)?;
            }
            typed::is_kept(before, after, op, answer)?;
            if answer.changed {
                let seq = answer.seq;
                if seq <= before.head || seq > after.head {
                    return Err(format!("{} stands at {seq}, outside its push", op.op_id));
                }
                let known = self.changes.entry(op.record).or_default();
                if known.iter().any(|(at, _)| *at == seq) {
                    return Err(format!("two ops of {} stand at {seq}", op.record));
                }
                if op.kind != Kind::Delete {
                    known.push((seq, push.incarnation));
                }
            }
            let facts = matches!(answer.outcome, Outcome::HandedOver { card: None, .. });
            if answer.outcome.stands() || facts && answer.changed {
                self.stands += 1;
                let gone = before
                    .records
                    .get(&op.record)
                    .is_some_and(|r| r.deleted.is_some())
                    || self.merged.contains(&op.record);
                if op.kind == Kind::Delete && gone {
                    continue;
                }
                self.apply(before, after, op, answer, push.incarnation, now)?;
                if answer.changed && !self.merged.contains(&op.record) {
                    lives(before, after, op, push.incarnation)?;
                }
                touched.insert(op.record);
            }
        }
        for id in touched {
            self.compare(after, id)?;
        }
        for (record, field, op) in std::mem::take(&mut self.disputes) {
            let about = |card: &Record| card.id_in("record") == Some(record);
            if !typed::cards(after, &field, op).any(about) {
                return Err(format!("no card for {field} of {record}"));
            }
            self.cards += 1;
        }
        Ok(())
    }

    fn apply(
        &mut self,
        before: &Server,
        after: &Server,
        op: &Op,
        answer: &Answer,
        writer: Uuid,
        now: i64,
    ) -> Result<(), Fault> {
        let outcome = &answer.outcome;
        let given = op.hlc.min(Hlc::from_millis(now));
        let truth = self.truths.get(&op.op_id).cloned();
        let Some(truth) = truth else {
            return Err(format!("nobody made {}", op.op_id));
        };
        let lost: &[String] = match outcome {
            Outcome::Merged { lost } => lost,
            _ => &[],
        };
        match op.kind {
            Kind::Create | Kind::Update => {}
            Kind::Delete => return self.deletion(before, after, op, outcome, &truth, writer),
            _ => return Ok(()),
        }
        // What a record is made with every row of it knew.
        let made = op.kind == Kind::Create && !before.records.contains_key(&op.record);
        let rev = if made { 0 } else { answer.seq };
        for (field, (old, new)) in &op.patch {
            let key = (op.record, field.clone());
            match class(field) {
                Some(MergeClass::Text | MergeClass::Set) => {
                    let (old, new) = (parts(old), parts(new));
                    let kept = self.lines.entry(key).or_default();
                    let known = kept.parts.clone();
                    kept.parts
                        .retain(|line| new.contains(line) || !old.contains(line));
                    kept.parts.extend(new.difference(&old).cloned());
                    if kept.parts != known {
                        kept.by.push((rev, op.was.clone()));
                    }
                }
                Some(class) => {
                    let new = canonical(new.clone());
                    let cell = self.cells.get(&key);
                    let standing = cell.map_or(Json::Null, |cell| cell.value.clone());
                    let hlc = cell.map_or(Hlc(0), |cell| Hlc(cell.hlc.0 + 1));
                    let seen = cell.is_none()
                        || canonical(old.clone()) == standing
                        || truth
                            .shown
                            .get(field)
                            .is_some_and(|s| s.contains(&standing.to_string()));
                    let equal = standing == new;
                    let later = cell.is_none_or(|cell| match order(&op.was, &cell.was) {
                        Some(later) => later,
                        None => (given, writer) > (cell.hlc, cell.writer),
                    });
                    // Across lives of the server that were forgotten people know more than any rev can say: there either
                    // value may stand, and the other is in the history.
                    let across = !op.was.is_empty()
                        || cell.is_some_and(|cell| !cell.was.is_empty())
                        || life(op.base) != life(after.head);
                    let wins = if across && outcome.stands() {
                        !lost.contains(field)
                    } else {
                        seen || equal || later
                    };
                    if class == MergeClass::Critical && !seen && !equal && !across {
                        self.disputes.insert((op.record, field.clone(), op.op_id));
                    }
                    if wins == lost.contains(field) && outcome.stands() {
                        return Err(format!(
                            "{field} of {}: {standing} → {new} (seen: {seen}) should {}, but {outcome:?}",
                            op.record,
                            if wins { "stand" } else { "lose" },
                        ));
                    }
                    if wins && !(seen && equal) {
                        let cell = Cell {
                            value: new,
                            rev,
                            hlc: given.max(hlc),
                            writer,
                            was: op.was.clone(),
                        };
                        self.cells.insert(key, cell);
                    }
                }
                None => {}
            }
        }
        Ok(())
    }

    fn deletion(
        &self,
        before: &Server,
        after: &Server,
        op: &Op,
        outcome: &Outcome,
        truth: &Truth,
        writer: Uuid,
    ) -> Result<(), Fault> {
        let refused = matches!(outcome, Outcome::Merged { .. });
        let Some(record) = after.records.get(&op.record) else {
            return Ok(());
        };
        // What came below it in the same push may have come after the delete.
        let stays = |other: &&Record| {
            let was = before.records.get(&other.id);
            was.is_some_and(|was| was.root == other.root) || other.id == record.id
        };
        let below = after.records.values().filter(|other| {
            other.id == record.id || record.root == record.id && other.root == record.id
        });
        let below = below.filter(stays);
        // Private records are nobody else's to see, and cards are no changes.
        let below =
            below.filter(|other| !["conflict", "reminder"].contains(&other.entity.as_str()));
        let mut unseen = 0;
        let mut unsettled = 0;
        for other in below {
            let seen = truth.revs.get(&other.id).copied().unwrap_or(-1);
            let changes = self.changes.get(&other.id).into_iter().flatten();
            for (rev, by) in changes.filter(|(_, by)| *by != writer) {
                let _ = by;
                if *rev > seen {
                    unseen += 1;
                } else if *rev > truth.checkpoint {
                    unsettled += 1;
                }
            }
        }
        if refused && unseen == 0 && unsettled == 0 && op.was.is_empty() {
            // Records may also have moved here, or been changed by the same person elsewhere.
            return Ok(());
        }
        // Who had seen what in a life of the server that ended is no matter of revs.
        let in_this_life = life(truth.checkpoint) == life(after.head);
        if !refused && unseen > 0 && in_this_life {
            return Err(format!(
                "{} was deleted over {unseen} changes that its author had not seen: {truth:?} {op:?} {:?}",
                op.record,
                self.changes.get(&op.record)
            ));
        }
        Ok(())
    }

    /// The server's record against what the oracle makes of it.
    pub(crate) fn compare(&self, server: &Server, id: Uuid) -> Result<(), Fault> {
        let Some(record) = server.records.get(&id) else {
            return Err(format!("{id} is acknowledged and not there"));
        };
        for field in TRACKED {
            if let Some(cell) = self.cells.get(&(id, (*field).to_owned()))
                && *record.value(field) != cell.value
            {
                return Err(format!(
                    "{field} of {id} is {}, not {cell:?}: {:?}",
                    record.value(field),
                    record.version_of(field),
                ));
            }
        }
        for field in LINES.iter().chain(&["tags"]) {
            if let Some(kept) = self.lines.get(&(id, (*field).to_owned())) {
                let there = parts(record.value(field));
                if *field == "tags" && there != kept.parts {
                    return Err(format!("{field} of {id} are {there:?}, not {kept:?}"));
                }
                if let Some(line) = kept.parts.iter().find(|line| !there.contains(*line)) {
                    return Err(format!("{field} of {id} lost the line {line}"));
                }
            }
        }
        Ok(())
    }

    /// A page as it is sent: nothing in it that its reader may not have.
    pub fn pulled(&self, server: &Server, user: Uuid, pulled: &Pulled) -> Result<(), Fault> {
        for row in &pulled.rows {
            let record = server.records.get(&row.id);
            if !record.is_some_and(|record| may_have(server, user, record)) {
                return Err(format!("{} {} was sent to {user}", row.entity, row.id));
            }
        }
        let rows: BTreeSet<Uuid> = pulled.rows.iter().map(|row| row.id).collect();
        if let Some(entry) = pulled.history.iter().find(|e| !rows.contains(&e.record)) {
            return Err(format!("history of {} was sent without it", entry.record));
        }
        Ok(())
    }

    /// At rest: a laptop has what its user may have, as the server has it, and nothing else.
    pub fn at_rest(&self, server: &Server, laptop: &Laptop) -> Result<(), Fault> {
        let waiting = laptop.file.unanswered();
        if let Some(own) = waiting.first() {
            return Err(format!("stuck: {} ops, first {:?}", waiting.len(), own.op));
        }
        let should: BTreeMap<Uuid, &Record> = server
            .records
            .values()
            .filter(|record| may_have(server, laptop.user, record))
            .map(|record| (record.id, record))
            .collect();
        for (id, view) in &laptop.file.views {
            match should.get(id) {
                None => {
                    return Err(format!(
                        "{} {id} is still here: {:?}",
                        view.entity,
                        laptop.file.records.get(id)
                    ));
                }
                Some(record) if record.row() != *view => {
                    return Err(format!(
                        "{id} diverges: {:?} here, {:?} there",
                        view.fields,
                        record.row().fields
                    ));
                }
                Some(_) => {}
            }
        }
        if let Some(id) = should.keys().find(|id| !laptop.file.views.contains_key(id)) {
            let held = laptop.file.records.get(id);
            let below: Vec<_> = server.records.values().filter(|r| r.root == *id).collect();
            return Err(format!(
                "below: {below:?} shares: {:?} {} {id} never came to {}: {held:?} of {:?}, {:?}",
                server.shares.get(id),
                should[id].entity,
                laptop.user,
                should[id],
                laptop.file.state
            ));
        }
        for scope in laptop.file.state.scopes.keys() {
            if laptop.file.sums(*scope) != laptop.file.sums_anew(*scope) {
                return Err(format!("the sums of {scope} are not those of its rows"));
            }
        }
        // Whatever was made here has its answer, and what was refused is still there to be read.
        for id in &laptop.file.order {
            let Some(own) = laptop.file.ops.get(id) else {
                return Err(format!("{id} is forgotten"));
            };
            // A refusal that a restored server forgot was told to its author before.
            let refused = matches!(
                own.state,
                OpState::Done {
                    outcome: Outcome::Rejected { .. },
                    ..
                }
            );
            if own.carrier.is_none() && !refused && !server.answers.contains_key(id) {
                return Err(format!(
                    "the server never heard of {:?} {:?}",
                    own.state, own.op
                ));
            }
        }
        Ok(())
    }

    /// At rest: every op has one outcome, numbers are nobody's twice, and the feed holds what it should.
    pub fn at_the_end(&self, server: &Server) -> Result<(), Fault> {
        for id in server.records.keys() {
            self.compare(server, *id)?;
        }
        let mut numbers = BTreeMap::new();
        for record in server
            .records
            .values()
            .filter(|record| record.deleted.is_none())
        {
            if let Some(number) = record.value("number").as_str()
                && let Some(other) = numbers.insert(number, record.id)
            {
                let other = &server.records[&other];
                return Err(format!("{number} is {other:?} and {record:?}"));
            }
        }
        for (op, outcome) in &self.outcomes {
            match server.answers.get(op).map(|answer| &answer.outcome) {
                Some(answer) if answer == outcome => {}
                other => return Err(format!("{op} was {outcome:?} and is {other:?}")),
            }
        }
        Ok(())
    }

    /// The server went back: what was acknowledged since is not known to it any more.
    pub fn restored(&mut self, then: &Self) {
        let truths = std::mem::take(&mut self.truths);
        let gone = std::mem::take(&mut self.gone);
        let (stands, cards) = (self.stands, self.cards);
        *self = then.clone();
        (self.truths, self.gone) = (truths, gone);
        (self.stands, self.cards) = (stands, cards);
    }
}
