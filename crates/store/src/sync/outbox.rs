//! The outbox as people see it: what the server does not have yet, and what it did not take.

use std::collections::{BTreeSet, HashMap, HashSet};

use ketu_model::clock::Hlc;
use rusqlite::OptionalExtension;
use serde_json::Value as Json;
use uuid::Uuid;

use super::lines::MANY;
use super::load::own_op;
use super::{OpState, OwnOp};
use crate::error::Result;
use crate::read::Reader;

/// How much of this laptop's work is on its way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Operations that the server has not answered.
    pub unanswered: u32,
    /// Answers that somebody has to look at.
    pub attention: u32,
}

/// What of a record the server does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsynced {
    /// Never sent.
    Waiting,
    /// Sent, and not answered.
    UnderWay,
}

impl Reader<'_> {
    pub fn outbox_counts(&self) -> Result<Counts> {
        let count = |sql| {
            let mut count = self.connection.prepare_cached(sql)?;
            count.query_row([], |row| row.get("n"))
        };
        Ok(Counts {
            unanswered: count(include_str!("../sql/count_unanswered.sql"))?,
            attention: count("select count(*) as n from log where attention is not null")?,
        })
    }

    /// When the oldest operation was made that the server has not answered, in milliseconds.
    pub fn waiting_since(&self) -> Result<Option<i64>> {
        let mut oldest = self
            .connection
            .prepare_cached(include_str!("../sql/waiting_since.sql"))?;
        let hlc: Option<i64> = oldest.query_row([], |row| row.get("hlc")).optional()?;
        Ok(hlc.map(|hlc| Hlc(hlc).millis()))
    }

    /// Whether the server misses something of a record that was done here.
    pub fn unsynced(&self, record: Uuid) -> Result<Option<Unsynced>> {
        let mut read = self
            .connection
            .prepare_cached(include_str!("../sql/unsynced.sql"))?;
        let (mut waiting, mut sent) = (false, false);
        let mut rows = read.query([record])?;
        while let Some(row) = rows.next()? {
            match row.get_ref("state")?.as_str().unwrap_or_default() {
                "pending" => waiting = true,
                _ => sent = true,
            }
        }
        Ok(match (waiting, sent) {
            (true, _) => Some(Unsynced::Waiting),
            (_, true) => Some(Unsynced::UnderWay),
            _ => None,
        })
    }

    /// Answers that somebody has to look at, in the order of the operations.
    pub fn attention(&self) -> Result<Vec<OwnOp>> {
        self.ops(include_str!("../sql/ops_attention.sql"), [])
    }

    /// Whether later operations that are not over need these: they change the same fields, or hang on a record that these
    /// make.
    pub fn is_built_upon(&self, ops: &[OwnOp]) -> Result<bool> {
        let Some(first) = ops.iter().map(|own| own.place).min() else {
            return Ok(false);
        };
        let among: HashSet<i64> = ops.iter().map(|own| own.place).collect();
        let mut by_record: HashMap<Uuid, Vec<&OwnOp>> = HashMap::new();
        for own in ops {
            by_record.entry(own.record).or_default().push(own);
        }
        let makes = |own: &OwnOp| own.kind == "create";
        let made: HashSet<Uuid> = ops
            .iter()
            .filter(|own| makes(own))
            .map(|own| own.record)
            .collect();
        let mut later = self
            .connection
            .prepare_cached(include_str!("../sql/ops_live_after.sql"))?;
        let mut rows = later.query([first])?;
        while let Some(row) = rows.next()? {
            let later = own_op(row)?;
            if among.contains(&later.place) {
                continue;
            }
            let of_record = by_record.get(&later.record).into_iter().flatten();
            let continues = |one: &&&OwnOp| {
                one.place < later.place
                    && (makes(one)
                        || one.kind != later.kind
                            && (one.kind == "delete" || later.kind == "delete")
                        || later.patch.keys().any(|key| one.patch.contains_key(key)))
            };
            let names_one = || {
                let mut values = later.patch.values();
                values.any(|(old, new)| names(old, &made) || names(new, &made))
            };
            if of_record.clone().any(|one| continues(&one))
                || later.record != later.root && made.contains(&later.root)
                || !made.is_empty() && names_one()
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// An operation that was never sent, with those that go with it: of its atomic transaction or its line in the outbox,
    /// and carried ones. Empty where it is not there, or was sent.
    pub fn together(&self, record: Uuid, op: Uuid) -> Result<Vec<OwnOp>> {
        let of_record = self.ops(include_str!("../sql/ops_of_record.sql"), [record])?;
        let Some(own) = of_record.into_iter().find(|own| own.op == op) else {
            return Ok(Vec::new());
        };
        let all = self.ops(include_str!("../sql/ops_of_tx.sql"), [own.tx])?;
        let whole = all.len() > MANY as usize || own.origin.starts_with("import:");
        let first = own.carrier.unwrap_or(own.op);
        let mut with: BTreeSet<Uuid> = BTreeSet::from([first]);
        if all.iter().any(|own| own.op == first && own.atomic) {
            with.extend(all.iter().filter(|own| own.atomic).map(|own| own.op));
        }
        let belongs = |own: &OwnOp| {
            whole
                || with.contains(&own.op)
                || own.carrier.is_some_and(|carrier| with.contains(&carrier))
        };
        let together: Vec<OwnOp> = all.into_iter().filter(belongs).collect();
        let sent = |own: &OwnOp| own.state != OpState::Pending;
        Ok(if together.iter().any(sent) {
            Vec::new()
        } else {
            together
        })
    }
}

/// Whether a value is one of these ids or holds one.
fn names(value: &Json, ids: &HashSet<Uuid>) -> bool {
    match value {
        Json::String(text) => text.parse().is_ok_and(|id| ids.contains(&id)),
        Json::Array(values) => values.iter().any(|value| names(value, ids)),
        _ => false,
    }
}
