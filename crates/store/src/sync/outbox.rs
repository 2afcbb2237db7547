//! The outbox as people see it: what the server does not have yet, and what it did not take.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::OwnOp;
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

    /// Whether later operations without an answer need these: they change the same fields, or hang on a record that these
    /// make.
    pub fn is_built_upon(&self, ops: &[OwnOp]) -> Result<bool> {
        let among = |own: &OwnOp| ops.iter().any(|one| one.op == own.op);
        for one in ops {
            let made = one.kind == "create";
            let later = self.ops(include_str!("../sql/ops_of_record.sql"), [one.record])?;
            let same = |own: &OwnOp| {
                made || own.kind != one.kind && (own.kind == "delete" || one.kind == "delete")
                    || own.patch.keys().any(|key| one.patch.contains_key(key))
            };
            if later
                .iter()
                .any(|own| own.place > one.place && !among(own) && same(own))
            {
                return Ok(true);
            }
            if !made {
                continue;
            }
            let mut users = self
                .connection
                .prepare_cached(include_str!("../sql/built_upon.sql"))?;
            let names = format!("\"{}\"", one.record);
            let mut rows = users.query((one.place, one.record, names))?;
            while let Some(row) = rows.next()? {
                let op: Uuid = row.get("op_id")?;
                if !ops.iter().any(|one| one.op == op) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// An operation that was never sent, with those that go with it: of its atomic transaction, and carried ones. Empty
    /// where it is not there, or was sent.
    pub fn together(&self, record: Uuid, op: Uuid) -> Result<Vec<OwnOp>> {
        let of_record = self.ops(include_str!("../sql/ops_of_record.sql"), [record])?;
        let Some(own) = of_record.into_iter().find(|own| own.op == op) else {
            return Ok(Vec::new());
        };
        let all = self.ops(include_str!("../sql/ops_of_tx.sql"), [own.tx])?;
        let first = own.carrier.unwrap_or(own.op);
        let mut with: BTreeSet<Uuid> = BTreeSet::from([first]);
        if all.iter().any(|own| own.op == first && own.atomic) {
            with.extend(all.iter().filter(|own| own.atomic).map(|own| own.op));
        }
        let belongs = |own: &OwnOp| {
            with.contains(&own.op) || own.carrier.is_some_and(|carrier| with.contains(&carrier))
        };
        let together: Vec<OwnOp> = all.into_iter().filter(belongs).collect();
        let sent = |own: &OwnOp| own.state != super::OpState::Pending;
        Ok(if together.iter().any(sent) {
            Vec::new()
        } else {
            together
        })
    }
}
